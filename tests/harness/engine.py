# SPDX-License-Identifier: Apache-2.0
"""A complete engine of the test's own: six services under tugd, in temporary
directories, with names of its own for bridge, nftables table and cgroup, so
that it runs beside any other engine."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from harness import leftovers

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))


def programs():
    """Directory with the built programs (set by tests/run)."""
    path = os.environ.get("TUG_PROGRAMS", "/usr/local/lib/tug")
    if not os.path.exists(os.path.join(path, "tugd")):
        raise RuntimeError(f"no tugd in {path}: run tests/run, or set "
                           "TUG_PROGRAMS to the directory of the programs")
    return path


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path, timeout=60):
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class Answer:
    """Status, headers and body of one response."""

    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    def json(self):
        return json.loads(self.body)


def call(socket_path, method, target, body=None, headers=None, timeout=60):
    """One request over a fresh connection."""
    connection = UnixConnection(socket_path, timeout)
    headers = dict(headers or {})
    if isinstance(body, (dict, list)):
        body = json.dumps(body)
        headers.setdefault("Content-Type", "application/json")
    try:
        connection.request(method, target, body, headers)
        return Answer(connection.getresponse())
    finally:
        connection.close()


class Engine:
    """Use as a context manager."""

    def __init__(self, tag="t", settings=None, directory=None):
        self.directory = directory or tempfile.mkdtemp(prefix="tug-test-")
        self._keep = directory is not None
        self.run = os.path.join(self.directory, "run")
        self.state = os.path.join(self.directory, "state")
        self.socket = os.path.join(self.run, "tug.sock")
        self.cgroup = f"tug-test-{os.getpid()}-{tag}"
        self.table = f"tug_test_{os.getpid()}_{tag}"
        self.bridge = f"tt{os.getpid() % 100000}{tag}"[:12]
        self.log = os.path.join(self.directory, "tugd.log")
        self.process = None
        self._settings = settings or {}

    def _config(self):
        common = {"run-directory": self.run, "state-directory": self.state}
        config = {name: dict(common) for name in (
            "tugd", "gatewayd", "runtimed", "imaged", "netd", "volumed",
            "registryd")}
        config["runtimed"]["cgroup-parent"] = self.cgroup
        config["netd"]["bridge-name"] = self.bridge
        config["netd"]["table-name"] = self.table
        for section, values in self._settings.items():
            config[section].update(values)
        return config

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def start(self):
        os.chmod(self.directory, 0o755)
        path = os.path.join(self.directory, "tug.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(self._config(), file)
        log = open(self.log, "ab")
        self.process = subprocess.Popen(
            [os.path.join(programs(), "tugd"), "--config", path],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        log.close()
        deadline = time.monotonic() + 20
        while True:
            try:
                if self.call("GET", "/_ping").status == 200:
                    return
            except OSError:
                pass
            if self.process.poll() is not None:
                raise RuntimeError(f"tugd ended: {self.log_tail()}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"no answer to _ping: {self.log_tail()}")
            time.sleep(0.02)

    def log_tail(self, size=3000):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()[-size:]

    def call(self, method, target, body=None, headers=None, timeout=60):
        return call(self.socket, method, target, body, headers, timeout)

    def service_pid(self, name):
        """Pid of a service, a direct child of tugd."""
        children = open(f"/proc/{self.process.pid}/task/{self.process.pid}"
                        "/children", encoding="ascii").read().split()
        for pid in children:
            try:
                if os.path.basename(os.readlink(f"/proc/{pid}/exe")) == name:
                    return int(pid)
            except OSError:
                continue
        return None

    def environment(self):
        env = dict(os.environ)
        env["DOCKER_HOST"] = f"unix://{self.socket}"
        env["DOCKER_CONFIG"] = os.path.join(self.directory, "docker-config")
        env["HOME"] = self.directory
        env.pop("DOCKER_CONTEXT", None)
        env.pop("DOCKER_API_VERSION", None)
        return env

    def stop(self):
        """Ends tugd with SIGTERM; containers go on."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(30)

    def remove_all(self):
        for container in self.call("GET", "/containers/json?all=1").json():
            self.call("DELETE", f"/containers/{container['Id']}?force=1&v=1")
        for network in self.call("GET", "/networks").json():
            if network["Name"] not in ("bridge", "host", "none"):
                self.call("DELETE", f"/networks/{network['Id']}")

    def __exit__(self, *_):
        if self.process and self.process.poll() is None:
            try:
                self.remove_all()
            except (OSError, ValueError, KeyError, TypeError) as error:
                print(f"# clean-up: {error}", flush=True)
            self.stop()
        if os.environ.get("TUG_KEEP"):
            print(f"# kept {self.directory}", flush=True)
            return
        leftovers.await_services(self.run)
        leftovers.remove(self.cgroup, self.table)
        if not self._keep:
            shutil.rmtree(self.directory, ignore_errors=True)


class ExistingEngine:
    """An engine that already runs (TUG_TEST_SOCKET): to try a suite against
    Docker itself. Tests that reach below the API are not run on it."""

    def __init__(self, socket_path):
        self.socket = socket_path
        self.directory = tempfile.mkdtemp(prefix="tug-test-")
        os.chmod(self.directory, 0o755)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.directory, ignore_errors=True)

    call = Engine.call
    environment = Engine.environment


def engine_under_test(tag="t", settings=None):
    """The engine of a suite."""
    existing = os.environ.get("TUG_TEST_SOCKET")
    return ExistingEngine(existing) if existing else Engine(tag, settings)
