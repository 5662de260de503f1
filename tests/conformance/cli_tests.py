# SPDX-License-Identifier: Apache-2.0
"""What a person does with the command line, for the docker client and for
tug alike. The fixture is a Docker object of harness/docker.py."""

import hashlib
import json
import os
import re
import subprocess
import time

from harness.suite import check, contains, equal, eventually, test
from harness.terminal import Terminal


def run_id(cli, *arguments):
    return cli.run("run", "-d", *arguments).strip()


def remove(cli, *names):
    cli.run("rm", "-f", *names)


def exit_code(cli, *arguments):
    return cli.try_run(*arguments).returncode


@test
def version_names_both_sides(cli):
    out = cli.run("version")
    contains(out, "Client", "version")
    contains(out, "Server", "version")


@test
def info_tells_the_host(cli):
    out = cli.run("info")
    for part in ("Server Version", "Kernel Version", "CPUs", "Total Memory",
                 "Storage Driver"):
        contains(out, part, "info")


@test
def run_prints_output(cli):
    equal(cli.run("run", "--rm", "busybox", "echo", "hi"), "hi\n", "run")


@test
def standard_error_stays_apart(cli):
    result = cli.try_run("run", "--rm", "busybox", "sh", "-c",
                         "echo out; echo err >&2")
    equal((result.stdout, result.stderr), ("out\n", "err\n"), "streams")


@test
def exit_codes(cli):
    equal(exit_code(cli, "run", "--rm", "busybox", "true"), 0, "true")
    equal(exit_code(cli, "run", "--rm", "busybox", "sh", "-c", "exit 3"), 3,
          "exit 3")
    equal(exit_code(cli, "run", "--rm", "busybox", "/etc/passwd"), 126,
          "not executable")
    equal(exit_code(cli, "run", "--rm", "busybox", "nosuch"), 127,
          "not found")
    equal(exit_code(cli, "run", "--rm", "busybox", "sh", "-c",
                    "sh -c 'kill -9 $$'; exit $?"), 137, "killed")
    equal(exit_code(cli, "run", "--rm", "--nosuchflag", "busybox"), 125,
          "bad flag")


@test
def engine_errors_are_125(cli):
    result = cli.try_run("run", "--rm", "--network", "nosuchnet", "busybox",
                         "true")
    equal(result.returncode, 125, "unknown network")
    contains(result.stderr, "nosuchnet", "unknown network")


@test
def environment_directory_user_hostname(cli):
    out = cli.run("run", "--rm", "-e", "A=b c", "-w", "/tmp", "-u", "web",
                  "--hostname", "boat", "busybox", "sh", "-c",
                  "echo $A; pwd; id -u; id -g; hostname; echo $HOME")
    equal(out.split("\n")[:6], ["b c", "/tmp", "1000", "1000", "boat",
                                "/home"], "run options")


@test
def numeric_user_and_group(cli):
    out = cli.run("run", "--rm", "-u", "1234:5678", "busybox", "id")
    contains(out, "uid=1234", "user")
    contains(out, "gid=5678", "group")


@test
def entrypoint_replaces(cli):
    out = cli.run("run", "--rm", "--entrypoint", "/bin/echo", "busybox", "a",
                  "b")
    equal(out, "a b\n", "entrypoint")


@test
def hundred_megabytes_through_and_back(cli):
    size = 100 * 1024 * 1024
    block = hashlib.sha256(b"tug").digest() * 32768
    data = (block * (size // len(block) + 1))[:size]
    result = cli.try_run("run", "-i", "--rm", "busybox", "cat", input=data,
                         text=False, timeout=300)
    equal(result.returncode, 0, "exit code")
    equal(len(result.stdout), size, "length")
    equal(hashlib.sha256(result.stdout).hexdigest(),
          hashlib.sha256(data).hexdigest(), "content")


@test
def terminal_has_size_and_follows_resize(cli):
    with Terminal([cli.program, "run", "-it", "--rm", "busybox", "sh"],
                  cli.environment, 30, 90) as terminal:
        terminal.type("sleep 0.3; stty size\n")
        terminal.wait_for("30 90")
        terminal.resize(41, 101)
        time.sleep(0.5)
        terminal.type("stty size\n")
        terminal.wait_for("41 101")
        terminal.type("exit 7\n")
        equal(terminal.finish(), 7, "exit code")


@test
def detach_keys_leave_it_running(cli):
    name = "detachme"
    with Terminal([cli.program, "run", "-it", "--name", name, "busybox",
                   "sh"], cli.environment) as terminal:
        terminal.type("echo rea''dy\n")
        terminal.wait_for("ready")
        terminal.type(b"\x10\x11")
        equal(terminal.finish(), 0, "exit code of a detach")
    contains(cli.run("ps"), name, "still running")
    with Terminal([cli.program, "attach", name],
                  cli.environment) as terminal:
        terminal.type("\necho ba''ck\n")
        terminal.wait_for("back")
        terminal.type("exit\n")
        equal(terminal.finish(), 0, "exit code after attach")
    remove(cli, name)


@test
def attach_sees_output_and_exit_code(cli):
    name = "attached"
    run_id(cli, "--name", name, "busybox", "sh", "-c",
           "sleep 1; echo late; exit 4")
    result = cli.try_run("attach", name)
    equal(result.stdout, "late\n", "output")
    equal(result.returncode, 4, "exit code")
    remove(cli, name)


@test
def logs_tail_since_times_follow(cli):
    name = "logged"
    run_id(cli, "--name", name, "busybox", "sh", "-c",
           "for i in 1 2 3 4 5; do echo line $i; done")
    cli.run("wait", name)
    equal(cli.run("logs", name), "".join(f"line {i}\n" for i in range(1, 6)),
          "all")
    equal(cli.run("logs", "--tail", "2", name), "line 4\nline 5\n", "tail")
    contains(cli.run("logs", "-t", "--tail", "1", name), "Z line 5", "times")
    check(re.match(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z line 5$",
                   cli.run("logs", "-t", "--tail", "1", name)),
          "nine fractional digits")
    equal(cli.run("logs", "--since", "2099-01-01T00:00:00Z", name), "",
          "since the future")
    remove(cli, name)
    run_id(cli, "--name", name, "busybox", "sh", "-c",
           "echo a; sleep 0.5; echo b")
    equal(cli.run("logs", "-f", name), "a\nb\n", "follow")
    remove(cli, name)


@test
def exec_runs_inside(cli):
    name = "host1"
    run_id(cli, "--name", name, "-e", "OUTER=1", "busybox", "sleep", "100")
    equal(cli.run("exec", name, "sh", "-c", "echo $OUTER"), "1\n", "env")
    equal(cli.run("exec", "-e", "X=y", "-w", "/tmp", "-u", "1000", name, "sh",
                  "-c", "echo $X; pwd; id -u"), "y\n/tmp\n1000\n", "options")
    equal(exit_code(cli, "exec", name, "sh", "-c", "exit 5"), 5, "exit code")
    equal(exit_code(cli, "exec", name, "nosuch"), 127, "not found")
    equal(exit_code(cli, "exec", name, "/etc/passwd"), 126, "not executable")
    result = cli.try_run("exec", "-i", name, "cat", input="through\n")
    equal(result.stdout, "through\n", "stdin")
    with Terminal([cli.program, "exec", "-it", name, "sh"], cli.environment,
                  33, 77) as terminal:
        terminal.type("sleep 0.3; stty size; tty\n")
        terminal.wait_for("33 77")
        terminal.wait_for("/dev/pts/")
        terminal.type("exit 9\n")
        equal(terminal.finish(), 9, "exit code of exec -it")
    remove(cli, name)


@test
def stop_asks_then_kills(cli):
    name = "stoppable"
    run_id(cli, "--name", name, "busybox", "sh", "-c",
           "trap 'echo bye; exit 6' TERM; while :; do sleep 0.1; done")
    eventually(lambda: cli.run("exec", name, "echo", "x") == "x\n", "runs")
    cli.run("stop", name)
    equal(cli.run("wait", name).strip(), "6", "exit code")
    contains(cli.run("logs", name), "bye", "the trap ran")
    remove(cli, name)
    run_id(cli, "--name", name, "busybox", "sh", "-c",
           "trap '' TERM; while :; do sleep 0.1; done")
    begin = time.monotonic()
    cli.run("stop", "-t", "1", name)
    check(time.monotonic() - begin < 8, "stop -t 1 took too long")
    equal(cli.run("wait", name).strip(), "137", "killed")
    remove(cli, name)


@test
def kill_sends_a_signal(cli):
    name = "signalled"
    run_id(cli, "--name", name, "busybox", "sh", "-c",
           "trap 'echo usr1' USR1; while :; do sleep 0.1; done")
    time.sleep(0.5)
    cli.run("kill", "-s", "USR1", name)
    eventually(lambda: "usr1" in cli.run("logs", name), "the trap ran")
    cli.run("kill", name)
    equal(cli.run("wait", name).strip(), "137", "killed")
    remove(cli, name)


@test
def ps_lists_and_filters(cli):
    one = run_id(cli, "--name", "alpha", "--label", "team=red", "busybox",
                 "sleep", "100")
    two = run_id(cli, "--name", "beta", "--label", "team=blue", "busybox",
                 "true")
    cli.run("wait", two)
    out = cli.run("ps")
    contains(out, "alpha", "ps")
    check("beta" not in out, "ps without -a shows an ended container")
    out = cli.run("ps", "-a")
    contains(out, "Exited (0)", "ps -a")
    contains(out, "Up ", "ps -a")
    quiet = ("ps", "-aq", "--no-trunc", "--filter")
    equal(cli.run(*quiet, "label=team=red").split(), [one], "label")
    equal(cli.run(*quiet, "name=bet").split(), [two], "name")
    equal(cli.run(*quiet, "status=exited").split(), [two], "status")
    equal(cli.run(*quiet, f"id={one[:12]}").split(), [one], "id")
    remove(cli, "alpha", "beta")


@test
def names_conflict_and_unknown_ids(cli):
    run_id(cli, "--name", "taken", "busybox", "sleep", "100")
    result = cli.try_run("run", "--name", "taken", "busybox", "true")
    equal(result.returncode, 125, "exit code")
    contains(result.stderr, 'The container name "/taken" is already in use',
             "conflict")
    result = cli.try_run("stop", "nosuchcontainer")
    contains(result.stderr, "No such container: nosuchcontainer", "unknown")
    result = cli.try_run("rm", "taken")
    check(result.returncode != 0, "rm of a running container succeeded")
    remove(cli, "taken")


@test
def rename_start_restart(cli):
    run_id(cli, "--name", "first", "busybox", "sh", "-c",
           "echo started; sleep 100")
    cli.run("rename", "first", "second")
    cli.run("restart", "-t", "0", "second")
    eventually(lambda: cli.run("logs", "second").count("started") == 2,
               "second start")
    cli.run("stop", "-t", "0", "second")
    equal(cli.run("start", "second").strip(), "second", "start")
    contains(cli.run("ps"), "second", "ps")
    remove(cli, "second")


@test
def create_then_start_attached(cli):
    cli.run("create", "--name", "made", "busybox", "echo", "made it")
    contains(cli.run("ps", "-a"), "Created", "ps -a")
    equal(cli.run("start", "-a", "made"), "made it\n", "start -a")
    remove(cli, "made")


@test
def rm_option_removes(cli):
    cli.run("run", "--rm", "--name", "fleeting", "busybox", "true")
    eventually(lambda: "fleeting" not in cli.run("ps", "-a"), "removed")
    run_id(cli, "--rm", "--name", "fleeting", "busybox", "sleep", "0.2")
    eventually(lambda: "fleeting" not in cli.run("ps", "-a"), "removed")


@test
def inspect_tells_state(cli):
    name = "inspected"
    run_id(cli, "--name", name, "-e", "K=v", "--label", "l=m", "busybox",
           "sleep", "100")
    document = json.loads(cli.run("inspect", name))[0]
    equal(document["Name"], "/" + name, "Name")
    equal(document["State"]["Status"], "running", "Status")
    check(document["State"]["Pid"] > 1, "Pid")
    contains(document["Config"]["Env"], "K=v", "Env")
    equal(document["Config"]["Labels"]["l"], "m", "Labels")
    equal(cli.run("inspect", "--format", "{{.State.Status}}", name),
          "running\n", "format")
    remove(cli, name)


@test
def volumes_are_kept_and_copied_up(cli):
    cli.run("volume", "create", "kept")
    cli.run("run", "--rm", "-v", "kept:/etc", "busybox", "sh", "-c",
            "echo mine > /etc/mine; test -f /etc/passwd")
    equal(cli.run("run", "--rm", "-v", "kept:/x", "busybox", "cat",
                  "/x/mine"), "mine\n", "kept")
    contains(cli.run("run", "--rm", "-v", "kept:/x", "busybox", "cat",
                     "/x/passwd"), "root:", "copied up")
    contains(cli.run("volume", "ls"), "kept", "volume ls")
    document = json.loads(cli.run("volume", "inspect", "kept"))[0]
    equal(document["Driver"], "local", "driver")
    run_id(cli, "--name", "holder", "-v", "kept:/x", "busybox", "sleep",
           "100")
    result = cli.try_run("volume", "rm", "kept")
    contains(result.stderr, "volume is in use", "in use")
    remove(cli, "holder")
    cli.run("volume", "rm", "kept")
    check("kept" not in cli.run("volume", "ls"), "volume is gone")


@test
def bind_mounts_read_only(cli):
    folder = os.path.join(cli.engine.directory, "bind")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "f"), "w", encoding="ascii") as file:
        file.write("from the host\n")
    out = cli.run("run", "--rm", "-v", f"{folder}:/x:ro", "busybox", "sh",
                  "-c", "cat /x/f; echo no > /x/f || echo refused")
    equal(out, "from the host\nrefused\n", "read-only bind")
    cli.run("run", "--rm", "-v", f"{folder}:/x", "busybox", "sh", "-c",
            "echo yes > /x/g")
    with open(os.path.join(folder, "g"), encoding="ascii") as file:
        equal(file.read(), "yes\n", "written through")


@test
def tmpfs_is_mounted(cli):
    out = cli.run("run", "--rm", "--tmpfs", "/scratch:size=1m", "busybox",
                  "sh", "-c", "grep ' /scratch ' /proc/mounts")
    contains(out, "tmpfs", "tmpfs")
    contains(out, "size=1024k", "tmpfs options")


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
def memory_limit_kills(cli):
    name = "hungry"
    cli.try_run("run", "--name", name, "-m", "16m", "busybox", "sh", "-c",
                "x=a; while :; do x=$x$x$x$x; done")
    document = json.loads(cli.run("inspect", name))[0]
    equal(document["State"]["ExitCode"], 137, "exit code")
    equal(document["State"]["OOMKilled"], True, "OOMKilled")
    remove(cli, name)


@test
def events_in_order(cli):
    begin = str(int(time.time()) - 1)
    cli.run("run", "--name", "eventful", "--label", "k=v", "busybox", "true")
    remove(cli, "eventful")
    out = cli.run("events", "--since", begin, "--until",
                  str(int(time.time()) + 1), "--filter",
                  "container=eventful")
    actions = [line.split(" ")[2] for line in out.splitlines()
               if " container " in line]
    wanted = [a for a in actions if a in ("create", "start", "die",
                                          "destroy")]
    equal(wanted, ["create", "start", "die", "destroy"], "order")
    contains(out, "exitCode=0", "attributes of die")
    contains(out, "k=v", "labels")


@test
def save_load_tag_remove(cli):
    archive = os.path.join(cli.engine.directory, "saved.tar")
    cli.run("tag", "busybox", "local/copy:v1")
    contains(cli.run("images"), "local/copy", "images")
    cli.run("save", "-o", archive, "local/copy:v1")
    contains(cli.run("rmi", "local/copy:v1"), "Untagged: local/copy:v1",
             "rmi")
    contains(cli.run("load", "-i", archive), "Loaded image: local/copy:v1",
             "load")
    equal(cli.run("run", "--rm", "local/copy:v1", "echo", "again"), "again\n",
          "run")
    cli.run("rmi", "local/copy:v1")
    result = cli.try_run("rmi", "nosuchimage")
    contains(result.stderr, "No such image: nosuchimage", "unknown image")
