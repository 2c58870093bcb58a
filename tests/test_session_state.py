import json
import re
from pathlib import Path

import pytest

from oidc_session.session_state import new_salt, session_state

VECTORS = json.loads(Path(__file__).with_name("session_state_vectors.json").read_text(encoding="utf-8"))
WITH_ORIGIN = [vector for vector in VECTORS if vector["origin"]]
SHAPE = re.compile(r"[0-9a-f]{64}\.[\w-]+", re.ASCII)


@pytest.mark.parametrize("vector", WITH_ORIGIN, ids=lambda vector: vector["name"])
def test_session_state_is_that_of_another_implementation(vector):
    value = session_state(vector["client_id"], vector["origin"], vector["browser_state"], vector["salt"])
    assert value == vector["session_state"]


def test_session_state_has_the_shape_that_the_iframe_expects():
    assert SHAPE.fullmatch(session_state("my client", "https://rp.example", "state", new_salt()))


def test_session_state_ends_with_its_salt():
    assert session_state("client", "https://rp.example", "state", "salt").endswith(".salt")


def test_session_state_has_no_space():
    assert " " not in session_state("my client", "https://rp.example", "a state", new_salt())


@pytest.mark.parametrize("changed", ["client_id", "origin", "browser_state", "salt"])
def test_session_state_depends_on(changed):
    values = {"client_id": "client", "origin": "https://rp.example", "browser_state": "state", "salt": "salt"}
    assert session_state(**values) != session_state(**values | {changed: "other"})


def test_salt_has_at_least_128_bits():
    assert len(new_salt()) * 6 >= 128


def test_salt_differs_each_time():
    assert len({new_salt() for _ in range(1000)}) == 1000


def test_salt_has_no_character_that_the_iframe_would_refuse():
    assert all(SHAPE.fullmatch(f"{'0' * 64}.{new_salt()}") for _ in range(1000))
