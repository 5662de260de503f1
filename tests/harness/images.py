# SPDX-License-Identifier: Apache-2.0
"""Images made from Debian's own packages: no registry needed."""

import hashlib
import io
import json
import os
import shutil
import subprocess
import tarfile
import tempfile

BUSYBOX = "/bin/busybox"
CACHE = os.path.expanduser("~/.cache/tug/images")


def _add(tar, name, content=b"", mode=0o644, kind=tarfile.REGTYPE, link="",
         pax=None, uid=0, gid=0):
    info = tarfile.TarInfo(name)
    info.mode, info.type, info.linkname = mode, kind, link
    info.size = len(content) if kind == tarfile.REGTYPE else 0
    info.mtime, info.uid, info.gid = 1700000000, uid, gid
    info.pax_headers = pax or {}
    tar.addfile(info, io.BytesIO(content) if info.size else None)


def layer(entries):
    """A tar of (name, keyword arguments of _add)."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, options in entries:
            _add(tar, name, **options)
    return out.getvalue()


def busybox_layer():
    directory = {"kind": tarfile.DIRTYPE, "mode": 0o755}
    entries = [(name, directory) for name in (
        "bin", "dev", "etc", "home", "proc", "root", "sys", "usr", "usr/bin",
        "usr/sbin", "sbin", "var")]
    entries.append(("tmp", {"kind": tarfile.DIRTYPE, "mode": 0o1777}))
    with open(BUSYBOX, "rb") as file:
        entries.append(("bin/busybox", {"content": file.read(),
                                        "mode": 0o755}))
    applets = subprocess.run([BUSYBOX, "--list"], check=True,
                             capture_output=True, text=True).stdout.split()
    for applet in applets:
        if applet != "busybox":
            entries.append((f"bin/{applet}", {"kind": tarfile.SYMTYPE,
                                              "link": "busybox",
                                              "mode": 0o777}))
    entries.append(("etc/passwd", {"content":
                    b"root:x:0:0:root:/root:/bin/sh\n"
                    b"daemon:x:1:1:daemon:/usr/sbin:/bin/false\n"
                    b"web:x:1000:1000:web:/home:/bin/sh\n"}))
    entries.append(("etc/group", {"content":
                    b"root:x:0:\ndaemon:x:1:\nweb:x:1000:\n"
                    b"extra:x:2000:web\n"}))
    return layer(entries)


def config_of(layers, config):
    return json.dumps({
        "architecture": "amd64", "os": "linux",
        "created": "2023-11-14T22:13:20Z",
        "config": config,
        "rootfs": {"type": "layers", "diff_ids": [
            "sha256:" + hashlib.sha256(data).hexdigest() for data in layers]},
        "history": [{"created": "2023-11-14T22:13:20Z",
                     "created_by": f"layer {number}"}
                    for number in range(len(layers))],
    }).encode()


def docker_archive(path, tag, layers, config):
    """Writes what `docker save` of old wrote."""
    document = config_of(layers, config)
    name = hashlib.sha256(document).hexdigest() + ".json"
    with tarfile.open(path, "w") as tar:
        _add(tar, name, document)
        names = []
        for data in layers:
            digest = hashlib.sha256(data).hexdigest()
            names.append(f"{digest}/layer.tar")
            _add(tar, digest, kind=tarfile.DIRTYPE, mode=0o755)
            _add(tar, names[-1], data)
        manifest = [{"Config": name, "RepoTags": [tag] if tag else None,
                     "Layers": names}]
        _add(tar, "manifest.json", json.dumps(manifest).encode())


def busybox_archive(path, tag="busybox:latest", config=None):
    docker_archive(path, tag, [busybox_layer()], config or {
        "Cmd": ["sh"],
        "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:"
                "/sbin:/bin"]})
    return path


def load_busybox(engine):
    """Loads busybox:latest over REST."""
    path = busybox_archive(os.path.join(engine.directory, "busybox.tar"))
    with open(path, "rb") as file:
        answer = engine.call("POST", "/images/load?quiet=1", file.read(),
                             {"Content-Type": "application/x-tar"})
    if answer.status != 200 or b"Loaded image" not in answer.body:
        raise RuntimeError(f"load busybox: {answer.status} {answer.body!r}")


def debian_archive():
    """A Debian minbase image of three layers (whiteouts, hard links, setuid,
    file capabilities); made once with debootstrap and kept in the cache."""
    path = os.path.join(CACHE, "debian-v1.tar")
    if os.path.exists(path):
        return path
    os.makedirs(CACHE, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="tug-debian-") as work:
        root = os.path.join(work, "root")
        subprocess.run(["debootstrap", "--variant=minbase", "bookworm", root],
                       check=True, stdout=subprocess.DEVNULL)
        base = os.path.join(work, "layer.tar")
        subprocess.run(["tar", "--xattrs", "--xattrs-include=*", "-C", root,
                        "--exclude=./dev/*", "--exclude=./var/cache/apt/*",
                        "--format=posix", "-cf", base, "."], check=True)
        with open(base, "rb") as file:
            layers = [file.read()]
        shutil.rmtree(root)
        layers += [_debian_additions(), _debian_deletions()]
        docker_archive(path + ".new", "debian:12", layers, {
            "Cmd": ["bash"], "Env": [
                "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:"
                "/sbin:/bin"]})
        os.rename(path + ".new", path)
    return path


def _debian_additions():
    capability = "\x01\x00\x00\x02\x00\x20\x00\x00" + "\x00" * 12
    return layer([
        ("opt/tug", {"kind": tarfile.DIRTYPE, "mode": 0o755}),
        ("opt/tug/a", {"content": b"first\n"}),
        ("opt/tug/hard", {"kind": tarfile.LNKTYPE, "link": "opt/tug/a"}),
        ("opt/tug/setuid", {"content": b"#!/bin/sh\n", "mode": 0o4755}),
        ("opt/tug/gone", {"content": b"deleted by the next layer\n"}),
        ("opt/tug/owned", {"content": b"x", "uid": 1000, "gid": 1000}),
        ("opt/tug/capable", {"content": b"#!/bin/sh\n", "mode": 0o755, "pax": {
            "SCHILY.xattr.security.capability": capability}}),
        ("opt/dir", {"kind": tarfile.DIRTYPE, "mode": 0o755}),
        ("opt/dir/below", {"content": b"hidden by an opaque directory\n"}),
    ])


def _debian_deletions():
    return layer([
        ("opt/tug/.wh.gone", {}),
        ("opt/dir", {"kind": tarfile.DIRTYPE, "mode": 0o755}),
        ("opt/dir/.wh..wh..opq", {}),
        ("opt/dir/new", {"content": b"new\n"}),
    ])
