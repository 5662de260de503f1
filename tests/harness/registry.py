# SPDX-License-Identifier: Apache-2.0
"""Debian's docker-registry on loopback, plain or with TLS and a password."""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time

from harness.suite import Skip

USER, PASSWORD = "sailor", "ahoy"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _certificate(folder):
    key, certificate = (os.path.join(folder, name) for name in
                        ("key.pem", "cert.pem"))
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days",
         "2", "-subj", "/CN=localhost", "-addext",
         "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out",
         certificate], check=True, stderr=subprocess.DEVNULL)
    return key, certificate


class Registry:
    """Where a registry listens, and how to trust it."""

    def __init__(self, port, folder, secure):
        self.port = port
        self.host = f"localhost:{port}"
        self.folder = folder
        self.secure = secure
        self.certificate = os.path.join(folder, "cert.pem")

    def push(self, archive, name):
        """Copies a docker-archive into the registry with skopeo."""
        command = ["skopeo", "copy", "--quiet", "--insecure-policy",
                   "--dest-tls-verify=false"]
        if self.secure:
            command += ["--dest-creds", f"{USER}:{PASSWORD}"]
        subprocess.run(command + [f"docker-archive:{archive}",
                                  f"docker://{self.host}/{name}"],
                       check=True, stdout=subprocess.DEVNULL)

    def data(self):
        return os.path.join(self.folder, "data")


@contextlib.contextmanager
def registry(secure=False):
    for program in ("docker-registry", "skopeo"):
        if shutil.which(program) is None:
            raise Skip(f"{program} is not installed")
    folder = tempfile.mkdtemp(prefix="tug-registry-")
    port = free_port()
    config = f"""\
version: 0.1
log: {{level: error}}
storage:
  filesystem: {{rootdirectory: {folder}/data}}
  delete: {{enabled: true}}
http:
  addr: 127.0.0.1:{port}
"""
    if secure:
        key, certificate = _certificate(folder)
        config += f"  tls: {{certificate: {certificate}, key: {key}}}\n"
        subprocess.run(["htpasswd", "-Bbc", f"{folder}/htpasswd", USER,
                        PASSWORD], check=True, stderr=subprocess.DEVNULL)
        config += ("auth:\n  htpasswd: {realm: test, path: "
                   f"{folder}/htpasswd}}\n")
    with open(f"{folder}/config.yml", "w", encoding="ascii") as file:
        file.write(config)
    with open(f"{folder}/log", "wb") as log:
        process = subprocess.Popen(
            ["docker-registry", "serve", f"{folder}/config.yml"],
            stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 15
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            if time.monotonic() > deadline or process.poll() is not None:
                raise RuntimeError("docker-registry does not listen")
            time.sleep(0.05)
        yield Registry(port, folder, secure)
    finally:
        process.terminate()
        process.wait(10)
        shutil.rmtree(folder, ignore_errors=True)
