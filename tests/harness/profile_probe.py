# SPDX-License-Identifier: Apache-2.0
"""Runs inside a container, by the host's Python (see default_profile), and
prints what the container may do as one JSON document."""

import ctypes
import errno
import json
import os
import socket
import stat

LIBC = ctypes.CDLL(None, use_errno=True)
BAD = 0xffffffffffffffff

# Calls that change nothing, by bad arguments: a filter refuses them with
# EPERM (or ENOSYS), the kernel with something else where it gets that far.
# name: (number on x86-64, arguments).
CALLS = {
    "acct": (163, (1,)), "add_key": (248, (0, 0, 0, 0, 0)),
    "bpf": (321, (BAD, 0, 0)), "clock_settime": (227, (BAD, 0)),
    "clone3": (435, (0, 0)), "delete_module": (176, (0, 0)),
    "fanotify_init": (300, (BAD, 0)), "finit_module": (313, (BAD, 0, 0)),
    "fsconfig": (431, (BAD, 0, 0, 0, 0)), "fsmount": (432, (BAD, 0, 0)),
    "fsopen": (430, (0, 0)), "fspick": (433, (BAD, 0, 0)),
    "get_mempolicy": (239, (0, 0, 0, 0, BAD)),
    "init_module": (175, (0, 0, 0)), "io_uring_enter": (426, (BAD, 0, 0, 0)),
    "io_uring_register": (427, (BAD, 0, 0, 0)),
    "io_uring_setup": (425, (0, 0)), "ioperm": (173, (0, 0, 0)),
    "iopl": (172, (9,)), "kcmp": (312, (BAD, BAD, BAD, 0, 0)),
    "kexec_file_load": (320, (BAD, BAD, 0, 0, 0)),
    "kexec_load": (246, (0, 0, 0, BAD)), "keyctl": (250, (BAD, 0, 0, 0, 0)),
    "lookup_dcookie": (212, (0, 0, 0)), "mbind": (237, (1, 1, 0, 0, 0, 0)),
    "mount": (165, (0, 0, 0, 0, 0)), "mount_setattr": (442, (0, 0, 0, 0, 0)),
    "move_mount": (429, (BAD, 0, BAD, 0, 0)),
    "move_pages": (279, (0, 0, 0, 0, 0, BAD)),
    "name_to_handle_at": (303, (BAD, 0, 0, 0, 0)), "nfsservctl": (180, ()),
    "open_by_handle_at": (304, (BAD, 0, 0)), "open_tree": (428, (BAD, 0, 0)),
    "perf_event_open": (298, (0, 0, 0, 0, 0)),
    "personality_0x0": (135, (0,)), "personality_0x8": (135, (8,)),
    "personality_0x20000": (135, (0x20000,)),
    "personality_0x20008": (135, (0x20008,)),
    "personality_0xffffffff": (135, (0xffffffff,)),
    "personality_0x40000": (135, (0x40000,)),
    "pidfd_getfd": (438, (BAD, 0, 0)), "pivot_root": (155, (0, 0)),
    "process_vm_readv": (310, (0, 0, 0, 0, 0, BAD)),
    "process_vm_writev": (311, (0, 0, 0, 0, 0, BAD)),
    "ptrace": (101, (BAD, 0, 0, 0)), "quotactl": (179, (BAD, 0, 0, 0)),
    "reboot": (169, (0, 0, 0, 0)), "request_key": (249, (0, 0, 0, 0)),
    "set_mempolicy": (238, (BAD, 0, 0)), "setdomainname": (171, (0, BAD)),
    "sethostname": (170, (0, BAD)), "setns": (308, (BAD, 0)),
    "settimeofday": (164, (1, 1)), "swapoff": (168, (0,)),
    "swapon": (167, (0, 0)), "sysfs": (139, (9,)), "syslog": (103, (BAD,)),
    "umount2": (166, (0, 0)), "unshare": (272, (BAD,)),
    "unshare_user": (272, (0x10000000,)), "userfaultfd": (323, (BAD,)),
}
# The calls of later years by number, from the last that libseccomp 2.5.4 knows
# to some that no kernel has. Bad arguments, in a child: one closes what it can.
NUMBERS = [*range(450, 476), 500, 600, 1000]
CLONE_NEWUSER = 0x10000000
FAMILIES = {"AF_UNIX": 1, "AF_INET": 2, "AF_INET6": 10, "AF_NETLINK": 16,
            "AF_PACKET": 17, "AF_ALG": 38, "AF_NFC": 39, "AF_VSOCK": 40,
            "AF_KCM": 41, "AF_XDP": 44}


def outcome(result):
    if result >= 0:
        return "ok"
    return errno.errorcode.get(ctypes.get_errno(), str(ctypes.get_errno()))


def in_child(action):
    """The outcome of a call that would change this process."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.write(writer, action().encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as file:
        text = file.read()
    os.waitpid(pid, 0)
    return text or "died"


def call(number, *arguments):
    ctypes.set_errno(0)
    return outcome(LIBC.syscall(ctypes.c_long(number), *(
        ctypes.c_ulong(value) for value in arguments)))


def family(number):
    for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET,
                 socket.SOCK_STREAM):
        ctypes.set_errno(0)
        fd = LIBC.socket(number, kind, 0)
        if fd >= 0:
            os.close(fd)
            return "ok"
        if ctypes.get_errno() in (errno.EPERM, errno.EAFNOSUPPORT):
            return errno.errorcode[ctypes.get_errno()]
    return errno.errorcode[ctypes.get_errno()]


def attempt(action):
    try:
        action()
        return "ok"
    except OSError as error:
        return errno.errorcode[error.errno]


def write(path):
    def action():
        with open(path, "r+b", buffering=0) as file:
            file.write(file.read(64) or b"0")
    return attempt(action)


def node(kind, major, minor):
    """mknod, then open, of a device."""
    path = f"/tmp/node-{kind}-{major}-{minor}"
    mode = {"c": stat.S_IFCHR, "b": stat.S_IFBLK}[kind] | 0o600
    made = attempt(lambda: os.mknod(path, mode, os.makedev(major, minor)))
    if made != "ok":
        return [made, "absent"]
    opened = attempt(lambda: os.close(os.open(path, os.O_RDONLY |
                                              os.O_NONBLOCK)))
    os.unlink(path)
    # Without its driver an allowed device opens with ENXIO or ENODEV.
    return [made, "refused" if opened in ("EPERM", "EACCES") else "allowed"]


def covered(path):
    """How a masked path looks, or None where the kernel has none."""
    try:
        info = os.stat(path)
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(info.st_mode):
        return ["directory", os.listdir(path),
                attempt(lambda: os.mkdir(path + "/x"))]
    if stat.S_ISCHR(info.st_mode):
        return ["device", os.major(info.st_rdev), os.minor(info.st_rdev)]
    return ["open"]


def mounts():
    found = {}
    with open("/proc/self/mountinfo", encoding="utf-8") as file:
        for line in file:
            words = line.split()
            dash = words.index("-")
            found[words[4]] = {
                "type": words[dash + 1], "options": words[5].split(","),
                "super": words[dash + 3].split(","),
                "propagation": words[6:dash]}
    return found


def devices():
    found = {}
    for name in sorted(os.listdir("/dev")):
        info = os.lstat(f"/dev/{name}")
        if stat.S_ISLNK(info.st_mode):
            found[name] = os.readlink(f"/dev/{name}")
        elif stat.S_ISCHR(info.st_mode) or stat.S_ISBLK(info.st_mode):
            found[name] = [stat.S_ISBLK(info.st_mode) and "b" or "c",
                           os.major(info.st_rdev), os.minor(info.st_rdev),
                           stat.S_IMODE(info.st_mode)]
        else:
            found[name] = "directory"
    return found


def status():
    with open("/proc/self/status", encoding="ascii") as file:
        fields = dict(line.rstrip("\n").split(":\t", 1) for line in file
                      if ":\t" in line)
    return {name: fields[name] for name in (
        "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs",
        "Seccomp", "Seccomp_filters", "Umask", "Groups")}


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def clone_user():
    """clone with CLONE_NEWUSER, as fork: the child ends at once."""
    ctypes.set_errno(0)
    pid = LIBC.syscall(56, CLONE_NEWUSER | 17, 0, 0, 0, 0)
    if pid == 0:
        os._exit(0)
    if pid > 0:
        os.waitpid(pid, 0)
    return outcome(pid)


def ptrace_me():
    ctypes.set_errno(0)
    return outcome(LIBC.syscall(101, 0, 0, 0, 0))


MASKED = json.loads(os.environ["PROBE_MASKED"])
READ_ONLY = ("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
             "/proc/sysrq-trigger")


def main():
    calls = {name: in_child(lambda n=number, a=arguments: call(n, *a))
             for name, (number, arguments) in CALLS.items()}
    calls["clone_user"] = in_child(clone_user)
    calls["ptrace_traceme"] = in_child(ptrace_me)
    calls["chroot"] = in_child(lambda: attempt(lambda: os.chroot("/")))
    report = {
        "calls": calls,
        "numbers": {str(number): in_child(
            lambda n=number: call(n, *[BAD] * 6)) for number in NUMBERS},
        "families": {name: family(number)
                     for name, number in FAMILIES.items()},
        "masked": {path: covered(path) for path in MASKED},
        "read_only": {path: mounts().get(path, {}).get("options")
                      for path in READ_ONLY if os.path.exists(path)},
        "writes": {path: write(path) for path in (
            "/proc/sys/kernel/domainname", "/proc/sys/vm/swappiness",
            "/proc/sysrq-trigger", "/proc/irq/default_smp_affinity",
            "/proc/self/oom_score_adj")},
        "makes": {path: attempt(lambda p=path: os.mkdir(p + "/probe"))
                  for path in ("/sys", "/sys/kernel", "/sys/fs/cgroup")},
        "mounts": mounts(), "devices": devices(), "status": status(),
        "nodes": {f"{kind} {major}:{minor}": node(kind, major, minor)
                  for kind, major, minor in (
                      ("c", 1, 3), ("c", 1, 5), ("c", 1, 7), ("c", 1, 8),
                      ("c", 1, 9), ("c", 5, 0), ("c", 5, 1), ("c", 5, 2),
                      ("c", 136, 0), ("c", 10, 200), ("c", 10, 229),
                      ("c", 1, 1), ("c", 1, 11), ("c", 10, 232),
                      ("b", 8, 0), ("b", 254, 0), ("b", 7, 0))},
        "namespaces": {name: os.readlink(f"/proc/self/ns/{name}")
                       for name in sorted(os.listdir("/proc/self/ns"))},
        "sysctls": {name: read("/proc/sys/net/ipv4/" + name).split()
                    for name in ("ip_unprivileged_port_start",
                                 "ping_group_range")},
        "oom_score_adj": read("/proc/self/oom_score_adj").strip(),
        "uid_map": read("/proc/self/uid_map").split(),
        "environment": {name: value for name, value in os.environ.items()
                        if not name.startswith(("PROBE_", "LC_"))},
        "directory": os.getcwd(), "hostname": socket.gethostname(),
        "descriptors": sorted(os.listdir("/proc/self/fd")),
        "hosts": read("/etc/hosts"), "etc_hostname": read("/etc/hostname"),
    }
    print(json.dumps(report))


main()
