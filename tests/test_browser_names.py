import sys

import pytest

from oidc_session.browser_names import LONGEST, browser_name

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17 Safari/605.1"
PHONE = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36"
)
NAMES = {
    WINDOWS: "Firefox on Windows",
    MAC: "Safari on macOS",
    PHONE: "Chrome Mobile on Android",
    "curl/8.0": "curl",
    "something else": "something else",
    "": "A browser",
    "  ": "A browser",
}


@pytest.mark.parametrize("user_agent", NAMES)
def test_browser_and_system_are_in_words(user_agent):
    assert browser_name(user_agent) == NAMES[user_agent]


def test_without_the_library_what_was_sent_is_shortened(monkeypatch):
    monkeypatch.setitem(sys.modules, "ua_parser", None)
    assert browser_name("curl/8.0") == "curl/8.0"
    name = browser_name(WINDOWS)
    assert len(name) == LONGEST
    assert name.startswith("Mozilla/5.0 (Windows NT 10.0;")
    assert name.endswith("…")
