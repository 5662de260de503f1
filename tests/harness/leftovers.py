# SPDX-License-Identifier: Apache-2.0
"""What an engine that was killed leaves in the kernel, and its removal. All
of it carries a name that the test gave the engine: its cgroup, its nftables
table, and bridges whose alias begins with the table's name."""

import json
import os
import signal
import subprocess
import time

PATIENCE = 10.0


def _cgroups(name):
    """The cgroups of that name and below, children first."""
    for base, _, _ in os.walk("/sys/fs/cgroup", topdown=False):
        if name in base.split("/"):
            yield base


def _processes(name):
    found = set()
    for group in _cgroups(name):
        try:
            with open(f"{group}/cgroup.procs", encoding="ascii") as file:
                found.update(map(int, file.read().split()))
        except OSError:
            continue
    return found


def _until(done, act):
    """Acts again and again until it is done, at most for PATIENCE."""
    deadline = time.monotonic() + PATIENCE
    while not done() and time.monotonic() < deadline:
        act()
        time.sleep(0.02)


def _kill_processes(name):
    """Shims and containers: they outlive the services."""
    def kill():
        for pid in _processes(name):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
    _until(lambda: not _processes(name), kill)


def _remove_cgroups(name):
    def remove():
        for group in _cgroups(name):
            try:
                os.rmdir(group)
            except OSError:
                pass
    _until(lambda: not list(_cgroups(name)), remove)


def _links():
    out = subprocess.run(["ip", "-json", "-details", "link", "show"],
                         capture_output=True, text=True, check=False).stdout
    return json.loads(out or "[]")


def _remove_bridges(table):
    for link in _links():
        if link.get("ifalias", "").startswith(table + " network "):
            subprocess.run(["ip", "link", "delete", link["ifname"]],
                           stderr=subprocess.DEVNULL, check=False)


def _remove_tables(table):
    for family in ("ip", "ip6"):
        subprocess.run(["nft", "delete", "table", family, table],
                       stderr=subprocess.DEVNULL, check=False)


def holders(run):
    """Who holds a socket of a run directory: tugd and its services."""
    with open("/proc/net/unix", encoding="ascii", errors="replace") as file:
        inodes = {f"socket:[{words[6]}]" for words in map(str.split, file)
                  if len(words) > 7 and words[7].startswith(run + "/")}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            for name in os.listdir(f"/proc/{pid}/fd"):
                if os.readlink(f"/proc/{pid}/fd/{name}") in inodes:
                    yield int(pid)
                    break
        except OSError:
            continue


def await_services(run):
    """Services end by themselves when their tugd dies; until then they may
    still make things."""
    _until(lambda: not list(holders(run)), lambda: None)
    for pid in holders(run):
        os.kill(pid, signal.SIGKILL)


def remove(cgroup, table):
    """Ends and removes all that goes by these names. Namespaces, their
    interfaces and mounts go with the processes that are in them."""
    _kill_processes(cgroup)
    _remove_bridges(table)
    _remove_tables(table)
    _remove_cgroups(cgroup)
