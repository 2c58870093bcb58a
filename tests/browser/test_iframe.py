"""The OP iframe itself, in pages that embed it as a relying party would, or as a stranger would."""

import json
from pathlib import Path

import pytest

from oidc_session.session_state import new_salt, session_state

VECTORS = json.loads((Path(__file__).parents[1] / "session_state_vectors.json").read_text())
CLIENT = "sample-rp"

PAGE = """<!doctype html>
<iframe id="op" src="{iframe}" {attributes}></iframe>
<script>
  const op = document.getElementById("op");
  const heard = [];
  const waiting = [];
  addEventListener("message", ({{ data, origin, source }}) => {{
    if (source !== op.contentWindow) return;
    heard.push({{ data, origin }});
    waiting.shift()?.(data);
  }});
  const next = () => new Promise((resolve, reject) => {{
    waiting.push(resolve);
    setTimeout(reject, 15000, new Error("No answer"));
  }});
  const tell = (message) => op.contentWindow.postMessage(message, "*");
  const ask = (message) => {{ const answer = next(); tell(message); return answer; }};
</script>
"""


def embed(visitor, attributes="", headers=None):
    """Open a page of another origin with the iframe in it."""
    site = visitor.site
    document = PAGE.format(iframe=site.discovery()["check_session_iframe"], attributes=attributes)
    return visitor.open(site.pages_origin + site.pages.add(document, headers or {}))


def question(visitor, state=None, client=CLIENT):
    state = visitor.cookie() if state is None else state
    return f"{client} {session_state(client, visitor.site.pages_origin, state, new_salt())}"


@pytest.fixture
def local(new_visitor):
    visitor = new_visitor("same_site")
    yield visitor
    assert visitor.trouble == []


def test_origins_are_what_the_browser_makes_of_them(local):
    page = local.open(f"{local.site.rp}/")
    http = [vector for vector in VECTORS if vector["origin"]]
    origins = page.evaluate(
        "(uris) => uris.map((uri) => new URL(uri).origin)", [vector["redirect_uri"] for vector in http]
    )
    assert origins == [vector["origin"] for vector in http]


def test_answers_come_from_the_provider_and_are_those_of_the_specification(local):
    local.sign_in_at_provider("alice")
    page = embed(local)
    assert page.evaluate("ask", question(local)) == "unchanged"
    assert page.evaluate("ask", question(local, state="another")) == "changed"
    assert page.evaluate("ask", f"{CLIENT} ") == "changed"
    assert page.evaluate("ask", "nonsense") == "error"
    assert {entry["origin"] for entry in page.evaluate("heard")} == {local.site.op}


def test_other_messages_are_ignored(local):
    page = embed(local)
    page.evaluate("""() => {
        for (const message of ["unchanged", "changed", "error", 7, null, undefined, {}, ["a b"]]) tell(message);
    }""")
    assert page.evaluate("ask", "nonsense") == "error"
    assert len(page.evaluate("heard")) == 1


def test_answer_goes_to_nobody_else(local):
    page = embed(local)
    bystander = """() => new Promise((resolve) => {
        const other = document.createElement("iframe");
        other.srcdoc = "<script>addEventListener('message', () => parent.overheard = true)<\\/script>";
        other.onload = resolve;
        document.body.append(other);
    })"""
    page.evaluate(bystander)
    assert page.evaluate("ask", "nonsense") == "error"
    assert page.evaluate("window.overheard === undefined")


def test_change_is_told_before_it_is_asked_for(visitor):
    visitor.sign_in_at_provider("alice")
    page = embed(visitor)
    assert page.evaluate("ask", question(visitor)) == "unchanged"
    page.evaluate("() => { window.told = next(); }")
    visitor.sign_out_at_provider()
    assert page.evaluate("told") == "changed"


def test_signed_out_browser_is_watched_as_well(visitor):
    visitor.open(f"{visitor.site.op}/")
    page = embed(visitor)
    assert page.evaluate("ask", question(visitor)) == "unchanged"
    page.evaluate("() => { window.told = next(); }")
    visitor.sign_in_at_provider("alice")
    assert page.evaluate("told") == "changed"


def test_stranger_cannot_tell_whether_somebody_is_signed_in(new_visitor):
    stranger, alice, nobody = (new_visitor("cross_site") for _ in range(3))
    for visitor in (stranger, nobody):
        visitor.open(f"{visitor.site.op}/")
    alice.sign_in_at_provider("alice")
    known = question(stranger)
    assert embed(stranger).evaluate("ask", known) == "unchanged"
    answers = {}
    for visitor in (alice, nobody):
        page = embed(visitor)
        messages = [known, f"{CLIENT} ", "stranger ", "nonsense", question(stranger, client="stranger")]
        answers[visitor] = [page.evaluate("ask", message) for message in messages]
    assert answers[alice] == answers[nobody]


def test_sandboxed_frame_answers_error(local):
    page = embed(local, attributes='sandbox="allow-scripts"')
    assert page.evaluate("ask", question(local, state="x")) == "error"


def test_cross_origin_isolated_page_can_embed_it(new_visitor):
    visitor = new_visitor("cross_site")
    visitor.sign_in_at_provider("alice")
    headers = {"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp"}
    page = embed(visitor, headers=headers)
    assert page.evaluate("crossOriginIsolated")
    assert page.evaluate("ask", question(visitor)) == "unchanged"


def test_document_is_fetched_once(local):
    first = embed(local)
    second = local.open(first.url)
    [from_server, from_cache] = [bytes_fetched(page.frames[1]) for page in (first, second)]
    assert from_server > from_cache == 0


def bytes_fetched(frame):
    return frame.evaluate("() => performance.getEntriesByType('navigation')[0].transferSize")
