import os

from oidc_session.couriers import couriers


def test_process_that_was_forked_has_couriers_of_its_own(monkeypatch):
    ours = couriers()
    assert couriers() is ours
    monkeypatch.setattr(os, "getpid", lambda: 0)
    assert couriers() is not ours
