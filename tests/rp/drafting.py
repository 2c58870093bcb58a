"""What drafts.js asks and says, and a browser sends."""

import json

DRAFTS = "/oidc/demo/drafts/"
ID, OTHER_ID = "0" * 32, "1" * 32


def ask(browser, page="/members/", field="draft", **query):
    return browser.get(DRAFTS, {"page": page, "field": field} | query)


def read(browser, **query):
    found = ask(browser, **query).json()["drafts"]
    return {field: draft["text"] for field, draft in found.items()}


def person(browser):
    return browser.get(DRAFTS).json()["person"]


def save(browser, text="Dear all", person_=None, **changes):
    form = {"page": "/members/", "field": "draft", "text": text, "id": ID, "at": 5}
    return browser.post(DRAFTS, form | {"person": person_ or person(browser)} | changes)


def send(browser, drafts, path="/accept/", page="/members/", **form):
    return browser.post(path, form | {"oidc_draft": json.dumps({"page": page, "drafts": drafts})})
