"""The stream of events: what becomes of a session reaches an open page at once."""

import asyncio
import time
from contextlib import asynccontextmanager, closing
from functools import wraps

import pytest
import requests
from asgiref.sync import async_to_sync
from django.db import DatabaseError, connection
from django.test import AsyncClient

from oidc_session.rp import events, watcher
from oidc_session.rp.cache_store import CacheStore
from oidc_session.rp.session import Session
from oidc_session.rp.stores import store
from tests.rp.sites import Site, sign_in

ISS = "https://op.example"
ADDRESS = "/oidc/demo/events/"
SIGNED_OUT = "event: signed-out\ndata: {}\n\n"
EXPIRED = "event: expired\ndata: {}\n\n"
REVIVED = "event: revived\ndata: {}\n\n"


@pytest.fixture(autouse=True)
def quick(rp):
    """Look often, from another thread: at the cache, which all of a test's threads share."""
    rp(store="cache", events_interval=0.01)


def in_event_loop(test):
    @wraps(test)
    def run(*args, **kwargs):
        async_to_sync(test)(*args, **kwargs)

    return run


def new_session(key="k", **kwargs):
    claims = {"iss": ISS, "sub": "alice", "sid": "s1"}
    session = Session(key=key, provider="demo", id_claims=claims, expires_at=time.time() + 300, **kwargs)
    store().create(session)
    return session


@asynccontextmanager
async def opened(session):
    """Open a stream, and read how it begins."""
    stream = events.stream(session)
    assert await anext(stream) == events.BEGINNING
    try:
        yield stream
    finally:
        await stream.aclose()


def change(key, **changes):
    from dataclasses import replace

    assert store().replace(replace(store().get(key), **changes))


@in_event_loop
async def test_logout_is_told_and_ends_the_stream():
    async with opened(new_session()) as stream:
        store().remove_all(ISS, sid="s1")
        assert [event async for event in stream] == [SIGNED_OUT]


@in_event_loop
async def test_expiry_and_revival_are_told():
    async with opened(new_session()) as stream:
        change("k", expired_at=time.time(), expired_by="refused")
        assert await anext(stream) == EXPIRED
        change("k", expired_at=0, expired_by="")
        assert await anext(stream) == REVIVED


@in_event_loop
async def test_time_expires_a_session_though_nobody_writes_it():
    session = new_session()
    async with opened(session) as stream:
        store().touch("k", time.time() - 7201)
        assert await anext(stream) == EXPIRED
        store().touch("k", time.time() - 3 * 86400)
        assert await anext(stream) == SIGNED_OUT


@in_event_loop
async def test_every_state_is_told_to_who_reads_slowly():
    async with opened(new_session()) as stream:
        change("k", expired_at=time.time(), expired_by="refused")
        await until(lambda: watcher.watcher()._known["k"].expired_at)
        store().remove("k")
        await until(lambda: watcher.watcher()._known["k"] is None)
        assert [event async for event in stream] == [EXPIRED, SIGNED_OUT]


async def until(holds):
    while not holds():
        await asyncio.sleep(0.005)


@in_event_loop
async def test_session_that_cannot_be_decrypted_any_more_is_gone(rp):
    async with opened(new_session()) as stream:
        change("k", outcome="refreshed")
        rp(encryption_keys=["another key of more than 32 characters"])
        assert [event async for event in stream] == [SIGNED_OUT]


@in_event_loop
async def test_refreshed_session_is_no_news(rp, monkeypatch):
    monkeypatch.setattr(events, "HEARTBEAT_AFTER", 0.05)
    async with opened(new_session()) as stream:
        change("k", access_token="new")
        assert await anext(stream) == events.HEARTBEAT


@in_event_loop
async def test_silence_is_broken_and_has_an_end(rp, monkeypatch):
    monkeypatch.setattr(events, "HEARTBEAT_AFTER", 0.05)
    rp(events_lifetime=0.2)
    async with opened(new_session()) as stream:
        heard = [event async for event in stream]
    assert set(heard) == {events.HEARTBEAT}
    assert 2 <= len(heard) <= 5


@in_event_loop
async def test_all_streams_share_one_question(monkeypatch):
    asked = []
    monkeypatch.setattr(CacheStore, "glance", lambda store, keys: asked.append(sorted(keys)) or {})
    first, second = new_session("a"), new_session("b")
    async with opened(first) as one, opened(second) as other, opened(second) as same:
        assert [await anext(stream) for stream in (one, other, same)] == [SIGNED_OUT] * 3
    assert asked[0] == ["a", "b"]


@in_event_loop
async def test_nobody_is_asked_once_all_streams_are_closed():
    async with opened(new_session("a")):
        async with opened(new_session("b")):
            task = watcher.watcher()._task
        assert not task.cancelled()
        assert set(watcher.watcher()._known) == {"a"}
    with pytest.raises(asyncio.CancelledError):
        await task
    assert watcher.watcher()._watches == watcher.watcher()._known == {}


@in_event_loop
async def test_closed_streams_may_be_followed_by_others():
    async with opened(new_session()):
        pass
    async with opened(new_session()) as stream:
        store().remove("k")
        assert await anext(stream) == SIGNED_OUT


@in_event_loop
async def test_hiccup_of_the_store_signs_nobody_out(monkeypatch, caplog):
    looked = []

    def fail(store, keys):
        looked.append(keys)
        raise DatabaseError("with a secret")

    async with opened(new_session()) as stream:
        with monkeypatch.context() as patched:
            patched.setattr(CacheStore, "glance", fail)
            await until(lambda: len(looked) > 2)
        change("k", expired_at=time.time(), expired_by="refused")
        assert await anext(stream) == EXPIRED
    assert "Sessions can't be watched reason=DatabaseError" in caplog.text
    assert "secret" not in caplog.text


@in_event_loop
async def test_no_secret_is_kept_for_a_stream():
    async with opened(new_session(access_token="secret", refresh_token="secret", id_token="secret")):
        kept = watcher.watcher()._known["k"]
    assert not any((kept.access_token, kept.refresh_token, kept.id_token, kept.claims, kept.id_claims))


# The view


@async_to_sync
async def ask(browser, **headers):
    client = AsyncClient()
    client.cookies = browser.cookies
    response = await client.get(ADDRESS, headers=headers)
    chunks = []
    if response.streaming:
        parts = aiter(response)
        chunks.append(await anext(parts))
        store().remove_all(browser.op.url, sub="alice-sub")
        chunks += [part async for part in parts]
    return response, b"".join(chunks).decode()


def test_stream_of_a_session(alice_s, settings):
    settings.MIDDLEWARE = ["django.middleware.gzip.GZipMiddleware", *settings.MIDDLEWARE]
    response, heard = ask(alice_s, accept_encoding="gzip")
    assert response["Content-Type"] == "text/event-stream"
    assert response["X-Accel-Buffering"] == "no"
    assert "no-store" in response["Cache-Control"]
    assert heard == events.BEGINNING + SIGNED_OUT


def test_nobody_s_browser_is_told_not_to_come_again(browser, op):
    response, _ = ask(browser)
    assert (response.status_code, response.content) == (204, b"")


def test_without_an_event_loop_the_browser_is_told_not_to_come_again(alice_s):
    response = alice_s.get(ADDRESS)
    assert (response.status_code, response.content) == (204, b"")
    assert "no-store" in response["Cache-Control"]


def test_listening_neither_refreshes_nor_prolongs(alice_s, op, monkeypatch):
    alice_s.change(expires_at=1, used_at=time.time() - 3600)
    noted, asked = [], len(op.asked("/token"))
    monkeypatch.setattr(CacheStore, "touch", lambda *args: noted.append(args))
    _, heard = ask(alice_s)
    assert heard == events.BEGINNING + SIGNED_OUT
    assert noted == []
    assert len(op.asked("/token")) == asked


def test_other_methods_and_providers(client, db):
    assert client.post(ADDRESS).status_code == 405
    assert client.get("/oidc/unknown/events/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_stream_holds_no_connection_to_the_database(browser, rp):
    rp(store="database")
    browser.sign_in()
    closed = []
    original, connection.close = connection.close, lambda: closed.append(True)
    try:
        assert events._look(visit_of(browser)).sub == "alice-sub"
    finally:
        connection.close = original
    assert closed


def visit_of(browser):
    from django.test import RequestFactory

    from oidc_session.rp.visit import Visit

    request = RequestFactory().get("/")
    request.COOKIES = {name: cookie.value for name, cookie in browser.cookies.items()}
    return Visit(request, "demo")


# Processes


@pytest.fixture
def real_site(op, tmp_path):
    site = Site(op, tmp_path)
    site.manage("migrate")
    site.manage("flush", "--no-input")
    return site


def next_event(lines):
    return next(line for line in lines if line.startswith("event: "))


def test_logout_at_one_process_reaches_a_page_of_another_within_a_second(real_site, op):
    op.claims = {"sid": "s1"}
    with real_site.process("serve-async") as listening, real_site.process() as told:
        browser = sign_in(op, listening)
        with closing(browser.get(f"{listening}{ADDRESS}", stream=True, timeout=10)) as stream:
            lines = stream.iter_lines(chunk_size=1, decode_unicode=True)
            assert next(lines) == "retry: 1000"
            logout = {"logout_token": op.logout_token()}
            assert requests.post(f"{told}/oidc/demo/backchannel-logout/", logout).status_code == 200
            begun = time.monotonic()
            assert next_event(lines) == "event: signed-out"
            assert time.monotonic() - begun < 1
        assert browser.get(f"{listening}{ADDRESS}").status_code == 204


def test_process_without_an_event_loop_answers_at_once(real_site, op):
    with real_site.process() as address:
        browser = sign_in(op, address)
        assert browser.get(f"{address}{ADDRESS}", timeout=10).status_code == 204
