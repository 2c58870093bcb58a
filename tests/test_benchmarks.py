"""What `make bench` says: its figures are for the documentation, and no test's business."""

import json
import os
import subprocess
import sys

from benchmarks.rows import Row, markdown, text
from tests.servers import ROOT

ROW = Row("logout", "ms", 18.2, most=20, dot=38_052)


def test_row_says_whether_its_target_is_met():
    assert text(ROW).split() == ["logout,", "ms", "38,052", "-", "18.20", "20", "at", "most,", "met"]
    assert Row("logout", "ms", 20.1, most=20).target == "20 at most, MISSED"
    assert Row("expiry", "a second", 999, least=1_000).target == "1,000 at least, MISSED"
    assert Row("login", "ms", 1).target == ""


def test_row_says_what_others_take():
    told = Row("all told", "ms", 126, most=300, others={"oidc-provider 8": 121.0, "threads": 0.5})
    assert told.remarks == "300 at most, met; oidc-provider 8 121; threads 0.50"
    assert Row("all told", "ms", 126, others={"threads": 300}).remarks == "threads 300"


def test_documentation_has_the_same_rows():
    assert markdown([ROW]).splitlines()[-1] == "| logout | ms | 38,052 | - | 18.20 | 20 at most, met |"


WITHOUT_NODE = """
from types import SimpleNamespace
from benchmarks.logout_fanout import others_of

print(*others_of(SimpleNamespace(bare_round=lambda: 3.0, addresses=[])), sep="\\n")
"""


def test_without_node_the_others_are_measured_all_the_same():
    command, python_alone = [sys.executable, "-c", WITHOUT_NODE], os.environ | {"PATH": ""}
    said = subprocess.run(command, cwd=ROOT, env=python_alone, capture_output=True, text=True, check=True)
    others, missing = said.stdout.splitlines()
    assert others == "{'a thread and a request each': 3.0}"
    assert missing == "node is missing: apt-get install nodejs npm, and npm ci"


def test_figures_in_the_documentation_meet_their_targets_or_are_explained():
    page = (ROOT / "docs" / "explanation" / "performance.md").read_text()
    results = json.loads((ROOT / "docs" / "explanation" / "performance" / "results.json").read_text())
    missed = [row.what for row in (Row(**row) for row in results["rows"]) if not row.is_met]
    assert [what for what in missed if what not in page] == []


def test_what_is_missing_is_named_with_what_installs_it_and_the_others_go_on():
    command = [sys.executable, "-m", "benchmarks", "instructions", "instructions"]
    said = subprocess.run(command, cwd=ROOT, env=os.environ | {"PATH": ""}, capture_output=True, text=True, check=False)
    assert said.returncode == 1
    assert said.stderr.splitlines() == 2 * ["valgrind is missing: apt-get install valgrind"]
