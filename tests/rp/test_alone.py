"""A site without django-oauth-toolkit, in processes of its own, over real sockets."""

import pytest

from tests.rp.sites import Site, sign_in


@pytest.fixture
def site_alone(op, tmp_path):
    site = Site(op, tmp_path)
    site.manage("migrate")
    site.manage("flush", "--no-input")
    return site


def test_site_checks_migrates_and_signs_in(site_alone, op):
    assert "no issues" in site_alone.manage("check")
    assert site_alone.manage("clear_rp_sessions") == "Sessions forgotten: 0\n"
    with site_alone.process() as address:
        browser = sign_in(op, address)
        assert browser.get(f"{address}/members/").text == "alice-sub"
        assert browser.get(f"{address}/oidc/status/").json()["demo"]["state"] == "active"
        headers = {"X-CSRFToken": browser.cookies["csrftoken"]}
        assert browser.post(f"{address}/oidc/demo/refresh/", headers=headers).status_code == 200
        response = browser.post(f"{address}/oidc/demo/logout/", headers=headers, allow_redirects=False)
        assert response.headers["Location"].startswith(f"{op.url}/logout?")
        assert browser.get(f"{address}/oidc/status/").json()["demo"]["state"] == "anonymous"


def test_toolkit_really_is_missing(site_alone):
    with pytest.raises(AssertionError, match="oauth2_provider is not installed here"):
        site_alone.manage("shell", "-c", "import oauth2_provider")
