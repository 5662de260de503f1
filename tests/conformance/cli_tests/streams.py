# SPDX-License-Identifier: Apache-2.0
"""What goes into containers and comes out: streams, terminals, logs, exec."""

import hashlib
import re
import subprocess
import time

from conformance.cli_tests.steps import exit_code, remove, run_id
from harness.suite import check, contains, equal, test
from harness.terminal import Terminal


@test
def standard_error_stays_apart(cli):
    result = cli.try_run("run", "--rm", "busybox", "sh", "-c",
                         "echo out; echo err >&2")
    equal((result.stdout, result.stderr), ("out\n", "err\n"), "streams")


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
def logs_since_a_moment_between_lines(cli):
    name = "sincelog"
    run_id(cli, "--name", name, "busybox", "sh", "-c",
           "echo early; sleep 0.3; echo late")
    cli.run("wait", name)
    early, late = cli.run("logs", "-t", name).splitlines()
    moment = late.split()[0]
    check(early.split()[0] < moment, "times ascend")
    equal(cli.run("logs", "--since", moment, name), "late\n", "since")
    equal(cli.run("logs", "--since", early.split()[0], name),
          "early\nlate\n", "since the first")
    remove(cli, name)


@test
def logs_follow_is_live(cli):
    name = "livelog"
    run_id(cli, "--name", name, "busybox", "sh", "-c",
           "echo one; sleep 1; echo two; sleep 1")
    process = cli.popen("logs", "-f", name, stdout=subprocess.PIPE)
    seen = []
    for line in process.stdout:
        seen.append((line, time.monotonic()))
    equal([line for line, _ in seen], [b"one\n", b"two\n"], "lines")
    check(seen[1][1] - seen[0][1] > 0.3, "both lines came at once")
    equal(process.wait(10), 0, "exit code")
    remove(cli, name)
