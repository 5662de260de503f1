# SPDX-License-Identifier: Apache-2.0
"""What both engines of the differential suite hold before its requests."""

# Name, what the create asks for beside the image; all are named diff-...
CONTAINERS = [
    ("diff-run", {"Cmd": ["sleep", "1000"], "WorkingDir": "/tmp//x/../"}),
    ("diff-done", {"Cmd": ["sh", "-c", "echo one"]}),
    ("diff-made", {"Cmd": ["true"]}),
    ("diff-auto", {"Cmd": ["true"], "HostConfig": {"AutoRemove": True}}),
    ("diff-host", {"Cmd": ["sleep", "1000"],
                   "HostConfig": {"NetworkMode": "host"}}),
    ("diff-target", {"Cmd": ["true"]}),
    ("diff-link", {"Cmd": ["true"], "WorkingDir": "/a/../b/",
                   "HostConfig": {"Links": ["diff-target:zz",
                                            "diff-target:aliasof"]}}),
    ("diff-volume", {"Cmd": ["true"], "HostConfig": {
        "Binds": ["diffused:/data"]}}),
    # These cannot be started.
    ("diff-ipc", {"Cmd": ["true"], "HostConfig": {
        "IpcMode": "container:diff-run"}}),
    ("diff-joined", {"Cmd": ["true"], "ExposedPorts": {}, "HostConfig": {
        "NetworkMode": "container:diff-done"}}),
    ("diff-nosuch", {"Cmd": ["nosuchprogram"]}),
    ("diff-dir", {"Cmd": ["/etc"]}),
    ("diff-user", {"Cmd": ["true"], "User": "nosuchuser"}),
    ("diff-ipc-private", {"Cmd": ["true"], "HostConfig": {
        "IpcMode": "container:diff-run"}}),
    ("diff-ipc-done", {"Cmd": ["true"], "HostConfig": {
        "IpcMode": "container:diff-done"}}),
    ("diff-pid-done", {"Cmd": ["true"], "HostConfig": {
        "PidMode": "container:diff-done"}}),
]
STARTED = ("diff-run", "diff-done")
NETWORKS = ("diffnet", "diffnet2")
VOLUMES = ("diffvol", "diffused")


def prepare(call, socket):
    """Makes the containers on the engine behind `socket`."""
    clean(call, socket)
    common = {"Image": "busybox", "Labels": {"l": "m"}, "Env": ["K=v"],
              "ExposedPorts": {"80/tcp": {}}}
    for name, own in CONTAINERS:
        call(socket, "POST", f"/containers/create?name={name}",
             dict(common, **own))
        if name in STARTED:
            call(socket, "POST", f"/containers/{name}/start")
    call(socket, "POST", "/containers/diff-done/wait")


def clean(call, socket):
    for name, _ in reversed(CONTAINERS):
        call(socket, "DELETE", f"/containers/{name}?force=1")
    for name in NETWORKS:
        call(socket, "DELETE", f"/networks/{name}")
    for name in VOLUMES:
        call(socket, "DELETE", f"/volumes/{name}")
