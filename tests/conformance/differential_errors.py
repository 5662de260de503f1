# SPDX-License-Identifier: Apache-2.0
"""Which request of the differential suite asks for which row of the gateway's
table of errors (services/gatewayd/translate/errors.cc)."""

import os
import re

from harness.engine import ROOT

TABLE = os.path.join(ROOT, "services/gatewayd/translate/errors.cc")

RUN = "/containers/diff-run"
CREATE = "/containers/create"

# Reason to method and path of a case whose answer is that row's.
ASKED = {
    "CONTAINER_UNKNOWN": ("GET", "/containers/nosuch/json"),
    "CONTAINER_NAME_TAKEN": ("POST", CREATE + "?name=diff-run"),
    "CONTAINER_SPEC_INVALID": ("POST", CREATE),
    "CONTAINER_RUNNING": ("DELETE", RUN),
    "CONTAINER_NOT_RUNNING": ("POST", "/containers/diff-done/kill"),
    "CONTAINER_PAUSED": ("POST", RUN + "/pause"),
    "CONTAINER_NOT_PAUSED": ("POST", RUN + "/unpause"),
    "UPDATE_CONFLICT": ("POST", "/containers/diff-auto/update"),
    "SIGNAL_UNKNOWN": ("POST", RUN + "/kill?signal=BOGUS"),
    "WAIT_CONDITION_UNKNOWN":
        ("POST", "/containers/diff-done/wait?condition=bogus"),
    "PS_ARGUMENTS": ("GET", RUN + "/top?ps_args=zz"),
    "EXEC_UNKNOWN": ("GET", "/exec/nosuch/json"),
    "EXEC_STARTED": ("POST", "/exec/@exec/start"),
    "EXEC_NOT_RUNNING": ("POST", "/exec/@exec/resize?h=1&w=2"),
    "EXEC_SPEC_INVALID": ("POST", RUN + "/exec"),
    "EXEC_NOT_FOUND": ("POST", "/containers/diff-nosuch/start"),
    "EXEC_PERMISSION": ("POST", "/containers/diff-dir/start"),
    "JOINED_NOT_RUNNING": ("POST", "/containers/diff-ipc-done/start"),
    "JOINED_NOT_SHAREABLE": ("POST", "/containers/diff-ipc-private/start"),
    "START_FAILED": ("POST", "/containers/diff-user/start"),
    "JOINED_NOT_SHAREABLE": ("POST", "/containers/diff-ipc/start"),
    "JOINED_NOT_RUNNING": ("POST", "/containers/diff-joined/start"),
    "IMAGE_UNKNOWN": ("GET", "/images/nosuch/json"),
    "REFERENCE_INVALID": ("POST", CREATE),
    "IMAGE_IN_USE": ("DELETE", "/images/busybox"),
    "PLATFORM_UNKNOWN": ("POST", CREATE + "?platform=linux/arm64"),
    "NETWORK_UNKNOWN": ("GET", "/networks/nosuch"),
    "NETWORK_NAME_TAKEN": ("POST", "/networks/create"),
    "NETWORK_NAME_INVALID": ("POST", "/networks/create"),
    "NETWORK_PREDEFINED": ("DELETE", "/networks/bridge"),
    "NETWORK_DRIVER_UNKNOWN": ("POST", "/networks/create"),
    "NETWORK_OPTIONS_INVALID": ("POST", "/networks/create"),
    "NETWORK_IN_USE": ("DELETE", "/networks/diffnet"),
    "POOL_OVERLAP": ("POST", "/networks/create"),
    "ENDPOINT_EXISTS": ("POST", "/networks/diffnet/connect"),
    "ENDPOINT_UNKNOWN": ("POST", "/networks/diffnet/disconnect"),
    "ENDPOINT_INVALID": ("POST", "/networks/diffnet/connect"),
    "SANDBOX_SHARED": ("POST", "/networks/diffnet/connect"),
    "VOLUME_UNKNOWN": ("GET", "/volumes/nosuch"),
    "VOLUME_IN_USE": ("DELETE", "/volumes/diffused"),
    "VOLUME_DRIVER_UNKNOWN": ("POST", "/volumes/create"),
    "VOLUME_NAME_INVALID": ("POST", "/volumes/create"),
    "VOLUME_OPTIONS_INVALID": ("POST", "/volumes/create"),
}

REGISTRY = "needs a registry: tests/integration/registry_errors"
INSIDE = "of the services among themselves: no request can ask for it"
UNIT = "Docker's text as recorded in translate/errors_test.cc"

# Reason to why no case can ask both engines for it.
NOT_ASKED = {
    "TICKET_UNKNOWN": INSIDE,
    "CONTAINER_ID_TAKEN": INSIDE,
    "CONTAINER_STATE": INSIDE,
    "LEASE_TAKEN": INSIDE,
    "CONTAINER_AMBIGUOUS": "needs ids that begin alike: "
                           "tests/integration/lookup",
    "IMAGE_AMBIGUOUS": "needs ids that begin alike",
    "NETWORK_AMBIGUOUS": "needs ids that begin alike",
    "CONTAINER_REMOVING": "only during a removal",
    "EXEC_FAILED": "needs a program of a broken format in the image",
    "IMAGE_HAS_NAMES": "needs an image that no container uses: "
                       "tests/integration/images",
    "MANIFEST_UNKNOWN": REGISTRY,
    "REPOSITORY_UNKNOWN": REGISTRY,
    "CREDENTIALS_REFUSED": REGISTRY,
    "ACCESS_DENIED": REGISTRY,
    "REGISTRY_UNREACHABLE": REGISTRY,
    "RATE_LIMITED": REGISTRY,
    "REGISTRY_ERROR": REGISTRY,
    "DIGEST_MISMATCH": REGISTRY,
    "MANIFEST_INVALID": REGISTRY,
    "LAYER_INVALID": REGISTRY,
    "ARCHIVE_INVALID": "Docker answers 200 and says it in the stream: "
                       "tests/integration/images",
    "POOLS_EXHAUSTED": "needs every pool of the host",
    "POOL_EXHAUSTED": "needs as many containers as addresses",
    "PORT_TAKEN": "two engines on one host take each other's ports; " + UNIT,
    "ADDRESS_TAKEN": "needs two running containers: "
                     "tests/conformance/cli_tests/networks.py",
    "VOLUME_NAME_TAKEN": "needs a second volume driver",
    "VOLUME_MOUNT_FAILED": "its text ends in the kernel's words about paths "
                           "that differ",
}


def uncovered(cases):
    """What is wrong with the two tables above, in words."""
    with open(TABLE, encoding="utf-8") as file:
        rows = set(re.findall(r'^    \{"([A-Z_]+)", \d{3},', file.read(),
                              re.MULTILINE))
    made = {(method, path) for method, path, _ in cases}
    problems = []
    for reason in sorted(rows - ASKED.keys() - NOT_ASKED.keys()):
        problems.append(f"no case asks for {reason}")
    for reason in sorted((ASKED.keys() | NOT_ASKED.keys()) - rows):
        problems.append(f"{reason} is no row")
    for reason, case in ASKED.items():
        if case not in made:
            problems.append(f"{reason}: {case} is no case")
    return problems
