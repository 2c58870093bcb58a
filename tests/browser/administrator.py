"""An administrator with a browser in the Django admin of the sample provider."""

import sqlite3
from contextlib import closing

import requests
from playwright.sync_api import expect

from testproject.environment import SAMPLE_RP_ID, SAMPLE_SPA_ID, SECOND_RP_ID
from tests.browser.visitor import PASSWORD

OURS = ("logoutnotice", "applicationlogout", "credential", "rpsession", "opsession", "consent")
OF_DJANGO_OAUTH_TOOLKIT = ("refreshtoken", "accesstoken", "idtoken", "grant")
SEEDED = f"SELECT id FROM oauth2_provider_application WHERE client_id IN {(SAMPLE_RP_ID, SAMPLE_SPA_ID, SECOND_RP_ID)}"
YES = "Yes, I\u2019m sure"
DJANGOS = ["label-title-only", "empty-table-header"]  # Of its search box, and of a column in its inline tables.


def change(site, *statements):
    """Change the provider's database behind its back."""
    with closing(sqlite3.connect(site.op_database, timeout=20)) as database, database:
        for statement in statements:
            database.execute(statement)


def forget_everything(site):
    """Let nobody have been signed in ever, nor have allowed or registered anything."""
    change(
        site,
        *(f"DELETE FROM oidc_session_{table}" for table in OURS),
        *(f"DELETE FROM oauth2_provider_{table}" for table in OF_DJANGO_OAUTH_TOOLKIT),
        f"DELETE FROM oidc_session_clientlogoutsettings WHERE application_id NOT IN ({SEEDED})",
        f"DELETE FROM oauth2_provider_application WHERE id NOT IN ({SEEDED})",
        "DELETE FROM django_admin_log",
    )


class OtherBrowser:
    """A browser of somebody that nobody looks at; it takes no time to start."""

    def __init__(self, site, name):
        self.site, self.cookies = site, requests.Session()
        login = f"{site.op}/accounts/login/"
        token = self.cookies.get(login, timeout=30).cookies["op_csrftoken"]
        data = {"username": name, "password": PASSWORD, "csrfmiddlewaretoken": token}
        assert self.cookies.post(login, data, timeout=30).ok
        assert self.is_signed_in

    @property
    def is_signed_in(self):
        return "Nobody is signed in" not in self.cookies.get(f"{self.site.op}/", timeout=30).text


class Administrator:
    def __init__(self, visitor, name="admin"):
        self.visitor, self.site = visitor, visitor.site
        self.page = visitor.open(f"{self.site.op}/admin/")
        self.page.get_by_label("Username").fill(name)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Log in").click()
        expect(self.page.get_by_role("heading", name="Site administration")).to_be_visible()

    def open(self, name):
        """Go to a list by its link on the admin's first page."""
        self.page.goto(f"{self.site.op}/admin/")
        self.page.locator("#content-main").get_by_role("link", name=name, exact=True).click()
        expect(self.page.locator("#changelist")).to_be_visible()

    def search(self, term):
        self.page.locator("#searchbar").fill(term)
        self.page.get_by_role("button", name="Search").click()
        expect(self.page.locator("#searchbar")).to_have_value(term)

    @property
    def rows(self):
        return self.page.locator("#result_list tbody tr")

    def row(self, text):
        return self.rows.filter(has_text=text).first

    def look_at(self, text):
        """Open the page of a row."""
        self.row(text).locator("th a").click()
        expect(self.page.locator("#content-main, #content form").first).to_be_visible()

    def act(self, action, *rows):
        for row in rows:
            row.locator("input.action-select").check(timeout=5000)
        self.page.locator("select[name=action]").select_option(label=action)
        self.page.locator("#changelist-form .actions button").first.click()

    @property
    def actions(self):
        return self.page.locator("select[name=action] option:not([value=''])").all_inner_texts()

    def press(self, name):
        self.page.get_by_role("button", name=name, exact=True).click()

    def expect_said(self, *texts):
        expect(self.page.locator(".messagelist li")).to_have_text(list(texts))

    def filter(self, name):
        self.page.locator("#changelist-filter").get_by_role("link", name=name, exact=True).click()
        expect(self.page.locator("#changelist-filter li.selected").get_by_text(name, exact=True)).to_be_visible()

    def try_filters(self):
        """Follow each link of each filter; return what there is to filter by."""
        paths = self.page.locator("#changelist-filter li a").evaluate_all("links => links.map((link) => link.href)")
        for path in paths:
            assert self.page.request.get(path).ok, path
        titles = self.page.locator("#changelist-filter summary").all_inner_texts()
        return [title.strip().removeprefix("By ") for title in titles]

    def history(self):
        """Return what the log has of the row whose page is open, and come back."""
        self.page.get_by_role("link", name="History").click()
        expect(self.page.locator("#change-history")).to_be_visible()
        said = self.page.locator("#change-history tbody td:last-child").all_inner_texts()
        self.page.go_back()
        return said
