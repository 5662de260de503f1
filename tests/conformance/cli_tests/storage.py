# SPDX-License-Identifier: Apache-2.0
"""Volumes, mounts and images."""

import json
import os
import shutil
import subprocess

from conformance.cli_tests.steps import remove, run_id
from harness import images
from harness.suite import Skip, check, contains, equal, test


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


@test
def oci_archive_of_skopeo_loads(cli):
    if shutil.which("skopeo") is None:
        raise Skip("skopeo is not installed")
    folder = cli.engine.directory
    source = images.busybox_archive(os.path.join(folder, "plain.tar"))
    target = os.path.join(folder, "oci.tar")
    subprocess.run(["skopeo", "copy", "--quiet", "--insecure-policy",
                    f"docker-archive:{source}",
                    f"oci-archive:{target}:local/oci:v1"], check=True,
                   stdout=subprocess.DEVNULL)
    contains(cli.run("load", "-i", target), "Loaded image", "load")
    equal(cli.run("run", "--rm", "local/oci:v1", "echo", "oci"), "oci\n",
          "run")
    cli.run("rmi", "local/oci:v1")


@test
def not_an_archive_is_refused(cli):
    path = os.path.join(cli.engine.directory, "rubbish.tar")
    with open(path, "wb") as file:
        file.write(os.urandom(4096))
    before = cli.run("images", "-q")
    result = cli.try_run("load", "-i", path)
    check(result.returncode != 0, "rubbish was loaded")
    check(result.stderr.strip(), "no word why")
    equal(cli.run("images", "-q"), before, "images")
