import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { FakePage, answer, event, settled } from "./fake_form_page.mjs";

const URL_OF_DRAFTS = "/oidc/demo/drafts/";
const SAME = answer({ person: "alice" });
const OTHER = answer({ person: "bob" });
const EXPIRED = answer({ error: "session_expired" }, 401);
const GONE = answer({ error: "login_required" }, 401);

class Link extends EventTarget {
  href = "https://rp.example/oidc/demo/login/?next=%2Fform%2F";
}

class Notice {
  hidden = true;
  shown = [];
  template = { content: { cloneNode: () => new Link() } };

  querySelector(selector) {
    return selector === "template" ? this.template : this.shown[0];
  }

  append(link) {
    assert.equal(this.hidden, false);
    this.shown.push(link);
  }

  replaceChildren() {
    this.shown = [];
  }
}

const open = async (given, address = "https://rp.example/form/?a=1#part") => {
  const notice = new Notice();
  const server = ({ url }) => (typeof given === "function" ? given(url) : given);
  const page = new FakePage({ server, address, querySelector: () => notice });
  await page.load("expired.js", { provider: "demo", url: URL_OF_DRAFTS, person: "alice" });
  return Object.assign(page, { notice, own: (...args) => page.globals.fetch(...args) });
};
const isShown = ({ notice }) => !notice.hidden && notice.shown.length === 1;
const nextOf = ({ notice }) => new URL(notice.shown[0].href).searchParams.get("next");

describe("the notice", () => {
  test("is hidden at first, and nothing is asked", async () => {
    const page = await open(SAME);
    assert.equal(isShown(page), false);
    assert.deepEqual(page.asked, []);
  });

  test("shows when a request of the page is answered so", async () => {
    const page = await open(EXPIRED);
    assert.equal(await page.own("/data/"), EXPIRED);
    await page.turn("hidden");
    assert.ok(isShown(page));
  });

  test("shows once", async () => {
    const page = await open(EXPIRED);
    for (let time = 0; time < 3; time += 1) await page.own("/data/");
    await page.turn("visible");
    assert.equal(page.notice.shown.length, 1);
  });

  const OTHERS = {
    "another error": GONE,
    "another status": answer({ error: "session_expired" }, 403),
    "another site": answer({ error: "session_expired" }, 401, "https://api.example/"),
    "no JSON": { ...EXPIRED, clone: () => ({ json: async () => JSON.parse("<html>") }) },
    "an answer without an address": answer({ error: "session_expired" }, 401, ""),
    "null": answer(null, 401),
  };
  for (const [name, given] of Object.entries(OTHERS)) {
    test(`does not show for ${name}`, async () => {
      const page = await open(given);
      assert.equal(await page.own("/data/"), given);
      await page.turn("hidden");
      assert.equal(isShown(page), false);
    });
  }

  test("a request that fails, fails as ever", async () => {
    const page = await open(() => Promise.reject(new TypeError("offline")));
    await assert.rejects(page.own("/data/"), new TypeError("offline"));
  });

  test("shows when a script says so", async () => {
    const page = await open(SAME);
    page.document.dispatchEvent(event("oidc-expired"));
    assert.ok(isShown(page));
  });

  test("leads back to this very place", async () => {
    const page = await open(EXPIRED);
    page.document.dispatchEvent(event("oidc-expired"));
    assert.equal(nextOf(page), "/form/?a=1#part");
    page.location.hash = "#another";
    page.notice.shown[0].dispatchEvent(event("click"));
    assert.equal(nextOf(page), "/form/?a=1#another");
    assert.match(page.notice.shown[0].href, /^https:\/\/rp\.example\/oidc\/demo\/login\/\?next=[^&]*$/);
  });

  test("may be missing", async () => {
    const page = new FakePage({ server: () => EXPIRED, querySelector: () => null });
    await page.load("expired.js", { provider: "demo", url: URL_OF_DRAFTS, person: "alice" });
    await page.turn("visible");
    page.server = () => SAME;
    await page.turn("visible");
    assert.equal(page.reloaded, 0);
  });
});

describe("a page that is looked at again", () => {
  test("asks how things stand", async () => {
    const page = await open(SAME);
    await page.turn("hidden");
    assert.equal(page.asked.length, 0);
    await page.turn("visible");
    assert.deepEqual(page.asked.map(({ url }) => url), [URL_OF_DRAFTS]);
    assert.equal(isShown(page), false);
  });

  test("says that the session has expired, and that it no longer has", async () => {
    const page = await open(EXPIRED);
    await page.turn("visible");
    assert.ok(isShown(page));
    page.server = () => SAME;
    await page.turn("visible");
    assert.equal(page.notice.hidden, true);
    assert.deepEqual(page.notice.shown, []);
    page.server = () => EXPIRED;
    await page.turn("visible");
    assert.ok(isShown(page));
    assert.equal(page.reloaded, 0);
  });

  test("is covered and left if somebody else is there now", async () => {
    const page = await open(OTHER);
    await page.turn("visible");
    assert.ok(page.isCovered);
    assert.equal(page.reloaded, 1);
  });

  for (const [name, given] of Object.entries({
    "who is signed out": GONE,
    "an unavailable provider": answer({ error: "provider_unavailable" }, 503),
    "a server that makes no sense": { ok: false, status: 500, json: () => Promise.reject(new SyntaxError()) },
    "no connection": () => Promise.reject(new TypeError()),
  })) {
    test(`stays for ${name}`, async () => {
      const page = await open(given);
      await page.turn("visible");
      assert.equal(isShown(page), false);
      assert.equal(page.reloaded, 0);
      assert.equal(page.isCovered, false);
    });
  }
});

describe("a page that is watched", () => {
  const told = async (given, detail) => {
    const page = await open(given);
    page.document.dispatchEvent(event("oidc-session", { detail: { provider: "demo", sub: "alice", ...detail } }));
    await settled();
    return page;
  };

  test("says at once that the session has expired, and that it no longer has", async () => {
    const page = await told(EXPIRED, { state: "expired" });
    assert.ok(isShown(page));
    page.server = () => SAME;
    page.document.dispatchEvent(event("oidc-session", { detail: { provider: "demo", state: "active", sub: "alice" } }));
    await settled();
    assert.equal(isShown(page), false);
  });

  test("stays as it is where somebody else is there: the watch says so", async () => {
    const page = await told(OTHER, { state: "active", sub: "bob" });
    assert.deepEqual([page.reloaded, page.isCovered, isShown(page)], [0, false, false]);
  });

  for (const detail of [{ provider: "other", state: "expired" }, { state: "anonymous", sub: null }]) {
    test(`asks nothing after ${JSON.stringify(detail)}`, async () => {
      assert.deepEqual((await told(EXPIRED, detail)).asked, []);
    });
  }
});

describe("a page that the browser has kept for its back button", () => {
  const comeBack = async (given) => {
    const page = await open(given);
    await page.fire("pagehide", { persisted: true });
    assert.ok(page.isCovered);
    await page.fire("pageshow", { persisted: true });
    return page;
  };

  test("is uncovered for the same person", async () => {
    const page = await comeBack(SAME);
    assert.equal(page.isCovered, false);
    assert.equal(page.reloaded, 0);
  });

  for (const [name, given] of Object.entries({
    "somebody else": OTHER,
    "an expired session": EXPIRED,
    "nobody": GONE,
    "no connection": () => Promise.reject(new TypeError()),
  })) {
    test(`stays covered and is loaded again for ${name}`, async () => {
      const page = await comeBack(given);
      assert.ok(page.isCovered);
      assert.equal(page.reloaded, 1);
    });
  }

  test("is covered while the answer is awaited", async () => {
    const page = await comeBack(() => new Promise(() => {}));
    assert.ok(page.isCovered);
    assert.equal(page.reloaded, 0);
  });

  test("is another thing than a page that is shown for the first time or left for good", async () => {
    const page = await open(OTHER);
    await page.fire("pageshow", { persisted: false });
    await page.fire("pagehide", { persisted: false });
    assert.equal(page.isCovered, false);
    assert.deepEqual(page.asked, []);
  });
});
