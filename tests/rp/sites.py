"""Processes of tests.rp.project."""

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import requests

ROOT = Path(__file__).parents[2]


class Site:
    """One relying party: its database, its cache, and as many processes as wanted."""

    def __init__(self, op, directory, **options):
        self.op = op
        self.options = options
        url = os.environ.get("DATABASE_URL") or f"sqlite:///{directory}/rp.sqlite3"
        self.environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "DATABASE_URL": url,
            "CACHE_DIR": str(directory / "cache"),
        }

    def manage(self, *command):
        done = subprocess.run(self._command(*command), env=self.environment, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @contextmanager
    def process(self, server="serve"):
        """Run a process, and give its address."""
        with self.killable_process(server) as (address, _process):
            yield address

    @contextmanager
    def killable_process(self, server="serve"):
        """Run a process, and give its address and itself."""
        arguments = {"env": self.environment, "cwd": ROOT, "text": True}
        process = subprocess.Popen(
            self._command(server), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, **arguments
        )
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}", process
        finally:
            process.terminate()
            process.communicate()

    def _command(self, *command):
        return [sys.executable, "-m", "tests.rp.project", self.op.url, json.dumps(self.options), *command]


def sign_in(op, address):
    """Sign in as a browser does, and return its session with all cookies."""
    browser = requests.Session()
    response = browser.get(f"{address}/oidc/demo/login/", allow_redirects=False)
    back = urlsplit(op.authorize(response.headers["Location"]))
    response = browser.get(f"{address}{back.path}?{back.query}", allow_redirects=False)
    assert response.status_code == 302, response.text
    return browser
