"""oidc-provider for Node.js as a process: a provider that nobody here has written."""

import json
import subprocess
from contextlib import suppress
from pathlib import Path

import requests

from tests.processes import wait_until
from tests.servers import listening, port

SCRIPT = Path(__file__).with_suffix(".mjs")


class IndependentProvider:
    """One that can be started again, with other keys and no memory, at the same address."""

    def __init__(self, log):
        self.log = log
        self.log.touch()
        self.listener = listening()
        self.url = f"http://127.0.0.1:{port(self.listener)}"
        self.clients = []
        self.running = None

    def start(self):
        descriptor = self.listener.fileno()
        command = ["node", str(SCRIPT), str(descriptor), self.url, json.dumps(self.clients)]
        with self.log.open("a") as output:
            self.running = subprocess.Popen(command, pass_fds=[descriptor], stdout=output, stderr=subprocess.STDOUT)
        wait_until(self.answers)

    def answers(self):
        assert self.running.poll() is None, self.log.read_text()
        with suppress(requests.Timeout):
            return requests.get(f"{self.url}/jwks", timeout=1).ok

    def stop(self):
        if self.running:
            self.running.terminate()
            self.running.wait()

    def close(self):
        self.stop()
        self.listener.close()

    @property
    def troubles(self):
        """What it could not do, or nobody heard: its own errors, and logout tokens that were refused."""
        return [line for line in self.log.read_text().splitlines() if line.startswith("Trouble:")]
