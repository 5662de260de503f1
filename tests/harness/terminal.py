# SPDX-License-Identifier: Apache-2.0
"""A real pseudo-terminal with a person at it."""

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time

from harness.suite import Failure


class Terminal:
    """Runs a program on a new terminal; use as a context manager."""

    def __init__(self, arguments, environment, rows=24, columns=80):
        self.output = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                os.execvpe(arguments[0], arguments, environment)
            finally:
                os._exit(255)
        self.resize(rows, columns)

    def __enter__(self):
        return self

    def resize(self, rows, columns):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ,
                    struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, text):
        os.write(self.fd, text if isinstance(text, bytes) else text.encode())

    def _read(self, seconds):
        if not select.select([self.fd], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.fd, 65536)
        except OSError:  # EIO: the other side is closed.
            data = b""
        self.output += data
        return bool(data)

    def wait_for(self, text, seconds=15):
        """Reads until `text` has come; returns all output so far."""
        deadline = time.monotonic() + seconds
        while text.encode() not in self.output:
            left = deadline - time.monotonic()
            if left <= 0 or (not self._read(left) and
                             text.encode() not in self.output):
                raise Failure(f"terminal: {text!r} not in {self.output!r}")
        return self.output.decode(errors="replace")

    def finish(self, seconds=15):
        """Reads to the end; returns the exit status."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not self._read(0.1):
                pid, status = os.waitpid(self.pid, os.WNOHANG)
                if pid:
                    self.pid = None
                    return os.waitstatus_to_exitcode(status)
        raise Failure(f"terminal: still runs; output {self.output!r}")

    def __exit__(self, *_):
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.fd)
