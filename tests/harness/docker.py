# SPDX-License-Identifier: Apache-2.0
"""The official clients: docker, compose; and where they come from."""

import contextlib
import os
import re
import shutil
import subprocess

from harness.engine import ROOT
from harness.suite import Failure, Skip


def peers_folder():
    """The folder with Docker 29 beside the checkout, or None."""
    for base in (os.environ.get("TUG_PEERS"),
                 os.path.join(ROOT, "..", "shared", "peers")):
        if base and os.path.exists(os.path.join(base, "docker29")):
            return os.path.abspath(base)
    return None


def peers_programs():
    folder = peers_folder()
    if folder is None:
        raise Skip("the peers folder with Docker 29 is not beside the "
                   "checkout")
    return subprocess.run([os.path.join(folder, "docker29"), "path"],
                          check=True, capture_output=True,
                          text=True).stdout.strip()


@contextlib.contextmanager
def docker29():
    """Socket of Docker 29. One that runs is used and left running, and so is
    the one of TUG_TEST_PEER (a socket); else it is started and stopped."""
    given = os.environ.get("TUG_TEST_PEER")
    if given:
        yield given
        return
    folder = peers_folder()
    if folder is None:
        raise Skip("the peers folder with Docker 29 is not beside the "
                   "checkout")
    program = os.path.join(folder, "docker29")
    running = os.path.exists("/run/docker29.sock")
    path = subprocess.run([program, "start"], check=True,
                          capture_output=True, text=True).stdout.strip()
    try:
        yield path
    finally:
        if not running:
            subprocess.run([program, "stop"], check=True,
                           stdout=subprocess.DEVNULL)


def docker_program():
    """The client of the tests: 28 or newer on PATH, else the peers' 29, else
    whatever is on PATH."""
    on_path = shutil.which("docker")
    if on_path:
        version = subprocess.run([on_path, "--version"], check=False,
                                 capture_output=True, text=True).stdout
        match = re.search(r"version (\d+)", version)
        if match and int(match.group(1)) >= 28:
            return on_path
    if peers_folder():
        return os.path.join(peers_programs(), "docker")
    if on_path:
        return on_path
    raise Skip("no docker client: install docker.io, or put the peers folder "
               "beside the checkout")


class Docker:
    """Runs the docker client (or `tug`) against one engine."""

    def __init__(self, engine, program=None):
        self.engine = engine
        self.program = program or docker_program()
        self.environment = engine.environment()

    def plugins(self):
        """Makes compose and buildx of the peers available."""
        folder = os.path.join(self.environment["DOCKER_CONFIG"],
                              "cli-plugins")
        os.makedirs(folder, exist_ok=True)
        for name in ("docker-compose",):
            target = os.path.join(folder, name)
            if not os.path.lexists(target):
                os.symlink(os.path.join(peers_programs(), name), target)

    def try_run(self, *arguments, input=None, timeout=120, text=True,
                cwd=None):
        return subprocess.run([self.program, *arguments], input=input,
                              env=self.environment, capture_output=True,
                              text=text, timeout=timeout, check=False,
                              cwd=cwd)

    def run(self, *arguments, **options):
        """Standard output of a call that must succeed."""
        result = self.try_run(*arguments, **options)
        if result.returncode != 0:
            raise Failure(f"{' '.join(arguments)}: exit "
                          f"{result.returncode}: {result.stderr}")
        return result.stdout

    def popen(self, *arguments, **options):
        return subprocess.Popen([self.program, *arguments],
                                env=self.environment, **options)
