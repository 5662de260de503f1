# SPDX-License-Identifier: Apache-2.0
"""A suite is a file of functions marked @test, run in order.

Each prints one line that tests/run counts: "PASS name", "FAIL name: why" or
"SKIP name: why". A failing test never stops the suite. Names on the command
line pick tests.
"""

import os
import signal
import sys
import time
import traceback

_TESTS = []


class Skip(Exception):
    """Raised by a test that cannot run here; its text is the reason."""


class Failure(AssertionError):
    """Raised by the checks below."""


def test(function):
    _TESTS.append(function)
    return function


def check(condition, message):
    if not condition:
        raise Failure(message)


def equal(actual, expected, what=""):
    if actual != expected:
        raise Failure(f"{what}: expected {expected!r}, got {actual!r}")


def contains(text, part, what=""):
    if part not in text:
        raise Failure(f"{what}: {part!r} not in {text[-2000:]!r}")


def eventually(condition, what, seconds=10.0):
    """Waits until condition() is true; returns its value."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Failure(f"after {seconds} s: {what}")
        time.sleep(0.02)


def _one_line(text):
    return " | ".join(str(text).strip().splitlines())[:1500]


def main(fixture):
    """Runs the tests with the value of the context manager `fixture`."""
    suite = os.path.basename(os.path.dirname(sys.argv[0])) + "/" + \
        os.path.basename(sys.argv[0])
    wanted = sys.argv[1:]
    failed = 0
    # So that a suite out of time still ends its engine.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by SIGTERM"))
    try:
        with fixture as value:
            for function in _TESTS:
                if wanted and function.__name__ not in wanted:
                    continue
                name = f"{suite}:{function.__name__}"
                try:
                    function(value)
                    print(f"PASS {name}", flush=True)
                except Skip as reason:
                    print(f"SKIP {name}: {_one_line(reason)}", flush=True)
                except Failure as why:
                    failed += 1
                    print(f"FAIL {name}: {_one_line(why)}", flush=True)
                except Exception:  # A defect of the test or the engine.
                    failed += 1
                    print(f"FAIL {name}: {_one_line(traceback.format_exc())}",
                          flush=True)
    except Skip as reason:
        print(f"SKIP {suite}: {_one_line(reason)}", flush=True)
    except Exception:
        failed += 1
        print(f"FAIL {suite}:fixture: {_one_line(traceback.format_exc())}",
              flush=True)
    sys.exit(1 if failed else 0)
