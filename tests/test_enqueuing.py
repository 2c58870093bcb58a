import subprocess
import sys
import time
from threading import Event

from oidc_session import enqueuing
from oidc_session.enqueuing import Enqueuing

AT_THE_END = """
import time
from oidc_session import enqueuing
enqueuing.PATIENCE = {patience}
enqueuing.enqueuing().add(lambda: time.sleep({seconds}) or print("enqueued"))
"""


def test_steps_are_taken_in_turn():
    queue, taken = Enqueuing(), []
    for number in range(3):
        queue.add(lambda number=number: taken.append(number) is None)
    queue.finish()
    assert taken == [0, 1, 2]


def test_steps_that_wait_behind_one_that_fails_are_dropped():
    queue, go, taken = Enqueuing(), Event(), []
    queue.add(lambda: go.wait() and False)
    queue.add(lambda: taken.append("dropped") is None)
    go.set()
    queue.finish()
    queue.add(lambda: taken.append("afterwards") is None)
    queue.finish()
    assert taken == ["afterwards"]


def test_what_waits_in_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(enqueuing, "MOST_KEPT", 2)
    queue, go, taken = Enqueuing(), Event(), []
    queue.add(lambda: go.wait())
    for number in range(5):
        queue.add(lambda number=number: taken.append(number) is None)
    go.set()
    queue.finish()
    assert len(taken) <= 3


def test_process_has_one():
    assert enqueuing.enqueuing() is enqueuing.enqueuing()


def at_the_end(**values):
    code = AT_THE_END.format(**values)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_process_that_ends_enqueues_what_it_has():
    assert at_the_end(patience=30, seconds=0.2) == "enqueued\n"


def test_queue_that_hangs_does_not_keep_a_process_from_ending():
    began = time.monotonic()
    assert at_the_end(patience=0.1, seconds=60) == ""
    assert time.monotonic() - began < 30
