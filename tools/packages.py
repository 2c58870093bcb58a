"""How the install scripts get what pip and npm can't bring."""

import os
import shutil
import subprocess


def install_with_apt(package: str) -> bool:
    """Install a Debian package where that is possible: as root, with apt-get."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    return succeeds(["apt-get", "update", "-qq"]) and succeeds(["apt-get", "install", "-y", "-qq", package])


def succeeds(command: list[str]) -> bool:
    print("+", *command, flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(command, check=False, env=environment).returncode == 0  # noqa: S603 - our scripts' own
