# SPDX-License-Identifier: Apache-2.0
"""How containers are run, found, changed and ended."""

import json
import re
import time

from conformance.cli_tests.steps import exit_code, remove, run_id
from harness.suite import check, contains, equal, eventually, test


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
def limits_are_in_the_cgroup(cli):
    out = cli.run("run", "--rm", "--pids-limit", "50", "--cpus", "0.5", "-m",
                  "64m", "busybox", "sh", "-c", """
        cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max 2>/dev/null
        cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us \\
            /sys/fs/cgroup/cpu.max 2>/dev/null
        cat /sys/fs/cgroup/memory/memory.limit_in_bytes \\
            /sys/fs/cgroup/memory.max 2>/dev/null; true""")
    values = out.split()
    equal((values[0], values[1], values[-1]),
          ("50", "50000", str(64 << 20)), "pids, cpu quota, memory")


@test
def security_is_the_default_one(cli):
    fields = dict(line.split(":\t", 1) for line in cli.run(
        "run", "--rm", "busybox", "cat", "/proc/self/status").splitlines()
        if ":\t" in line)
    for name, value in (("CapEff", "00000000a80425fb"), ("CapInh", "0" * 16),
                        ("NoNewPrivs", "0"), ("Seccomp", "2")):
        equal(fields[name], value, name)
    out = cli.run("run", "--rm", "busybox", "sh", "-c",
                  "unshare -U true 2>&1; exec ls -l /proc/self/fd")
    contains(out, "Operation not permitted", "unshare -U")
    # The list of ls itself is a fourth, which is closed when it prints.
    equal(re.findall(r" (\d+) -> (?!/proc/)", out), ["0", "1", "2"], "open")
