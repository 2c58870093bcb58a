"""What a benchmark needs and this machine has not."""

import shutil


class Missing(Exception):
    def __init__(self, what: str, install: str) -> None:
        super().__init__(f"{what} is missing: {install}")


def need_command(name: str, install: str) -> str:
    """Return the path of a command; Missing, with the line that installs it, where there is none."""
    path = shutil.which(name)
    if path is None:
        raise Missing(name, install)
    return path
