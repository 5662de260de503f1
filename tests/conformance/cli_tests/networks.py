# SPDX-License-Identifier: Apache-2.0
"""Networks, names and published ports."""

import json
import socket
import subprocess
import sys

from conformance.cli_tests.steps import exit_code, remove, run_id
from harness.suite import check, contains, equal, eventually, test


@test
def networks_resolve_names(cli):
    cli.run("network", "create", "pond")
    run_id(cli, "--name", "duck", "--network", "pond", "busybox", "sleep",
           "100")
    out = cli.run("run", "--rm", "--network", "pond", "busybox", "ping", "-c",
                  "1", "-W", "3", "duck")
    contains(out, "1 packets received", "ping by name")
    document = json.loads(cli.run("network", "inspect", "pond"))[0]
    equal([c["Name"] for c in document["Containers"].values()], ["duck"],
          "containers")
    run_id(cli, "--name", "goose", "busybox", "sleep", "100")
    cli.run("network", "connect", "pond", "goose")
    out = cli.run("exec", "goose", "ping", "-c", "1", "-W", "3", "duck")
    contains(out, "1 packets received", "ping after connect")
    cli.run("network", "disconnect", "pond", "goose")
    check(exit_code(cli, "exec", "goose", "ping", "-c", "1", "-W", "1",
                    "duck") != 0, "ping after disconnect succeeded")
    cli.run("stop", "-t", "0", "goose")
    cli.run("network", "connect", "pond", "goose")
    cli.run("start", "goose")
    out = cli.run("exec", "goose", "ping", "-c", "1", "-W", "3", "duck")
    contains(out, "1 packets received", "ping after connect while stopped")
    check(exit_code(cli, "network", "rm", "pond") != 0,
          "rm of a network in use succeeded")
    remove(cli, "duck", "goose")
    cli.run("network", "rm", "pond")


@test
def network_modes_none_and_host(cli):
    out = cli.run("run", "--rm", "--network", "none", "busybox", "ip", "-o",
                  "link")
    equal(len(out.strip().splitlines()), 1, "none has loopback only")
    host = subprocess.run(["hostname"], capture_output=True, text=True,
                          check=True).stdout
    equal(cli.run("run", "--rm", "--network", "host", "busybox", "hostname"),
          host, "host name")


@test
def published_port_answers(cli):
    run_id(cli, "--name", "web", "-p", "127.0.0.1::80", "busybox", "sh", "-c",
           "echo hello > /tmp/index.html; httpd -f -p 80 -h /tmp")
    address = cli.run("port", "web", "80").strip()
    contains(address, "127.0.0.1:", "port")

    def fetch():
        result = subprocess.run(["curl", "-sm", "2", f"http://{address}/"],
                                capture_output=True, text=True, check=False)
        return result.stdout
    eventually(lambda: fetch() == "hello\n", "the page by loopback")
    port = address.rsplit(":", 1)[1]
    result = cli.try_run("run", "-d", "--name", "web2", "-p",
                         f"127.0.0.1:{port}:80", "busybox", "sleep", "1")
    equal(result.returncode, 125, "taken port")
    contains(result.stderr, "port is already allocated", "taken port")
    remove(cli, "web", "web2")


@test
def port_of_a_foreign_process_is_taken(cli):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        result = cli.try_run("run", "-d", "--name", "late", "-p",
                             f"127.0.0.1:{port}:80", "busybox", "sleep", "9")
        equal(result.returncode, 125, "exit code")
        contains(result.stderr, "port is already allocated", "text")
    # Free again: the same container starts.
    cli.run("start", "late")
    contains(cli.run("port", "late"), f"127.0.0.1:{port}", "port")
    remove(cli, "late")


ANSWER_UDP = """
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("", 80))
data, peer = s.recvfrom(100)
s.sendto(b"answer to " + data, peer)
"""


@test
def published_udp_port_answers(cli):
    run_id(cli, "--name", "udp", "-p", "127.0.0.1::80/udp", "busybox",
           "sleep", "100")
    address = cli.run("port", "udp", "80/udp").strip()
    pid = json.loads(cli.run("inspect", "udp"))[0]["State"]["Pid"]
    server = subprocess.Popen(["nsenter", "-t", str(pid), "-n",
                               sys.executable, "-c", ANSWER_UDP])
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(0.2)
            client.connect(("127.0.0.1", int(address.rsplit(":", 1)[1])))

            def ask():
                try:
                    client.send(b"ask")
                    return client.recv(100)
                except OSError:  # The server may not listen yet.
                    return b""
            equal(eventually(ask, "answer"), b"answer to ask", "answer")
    finally:
        server.kill()
        server.wait()
    remove(cli, "udp")
