"""How the tests' own servers run: on a free port, for as long as we do."""

import os
import signal
import socket
import subprocess
from pathlib import Path
from typing import TypedDict

STOP_SECONDS = 30
# The server stops when its standard input ends, which it does however we end: no signal needs to reach us.
STOPPING_WITH_US = """
exec 3<&0
"$@" &
server=$!
(cat <&3; kill -INT $server) 2>&- &
wait $server
"""


class Account(TypedDict, total=False):
    user: str
    group: int
    extra_groups: list[str]


def free_port() -> int:
    """Return a port that is free now; the server can't choose one itself, so that another may be quicker."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def start(command: list[str], folder: Path, account: Account | None = None) -> subprocess.Popen[bytes]:
    """Start the command in the folder, where its output goes to the file log; by default under our own account."""
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(  # noqa: S603
            ["/bin/sh", "-c", STOPPING_WITH_US, "sh", *command],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for the tests; the server goes when they have gone.
            **(account or {}),
        )


def stop(process: subprocess.Popen[bytes]) -> None:
    if process.stdin:
        process.stdin.close()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
