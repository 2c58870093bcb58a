import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { FakeBrowser, FakePage, settled } from "./fake_page.mjs";

const DATE = "Thu, 01 Jan 1970 01:00:00 GMT"; // 3600 on the server's clock.
const refreshed = () => ({ status: 200, headers: new Headers({ Date: DATE }), json: async () => ({ expires_at: 3900 }) });

const opened = (more = {}, data = {}) => {
  const dataset = { provider: "demo", refreshUrl: "/refresh/", expiresIn: "300", ahead: "60" };
  const token = { csrfCookie: "csrftoken", csrfToken: "from the page" };
  const page = new FakePage("refresh.js", { ...dataset, ...token, ...data }, { answer: refreshed, ...more });
  page.questions = 0;
  page.document.addEventListener("oidc-session-ask", ({ detail }) => (page.questions += detail.provider === "demo"));
  return page;
};

describe("the refresh of an open page", () => {
  test("is due some time before the end", () => assert.equal(opened().timers[0].delay, 240_000));
  test("is due in the last quarter of a short life", () => {
    assert.equal(opened({}, { expiresIn: "40" }).timers[0].delay, 30_000);
  });
  test("is due at once where the end has come", () => assert.equal(opened({}, { expiresIn: "0" }).timers[0].delay, 0));
  test("of a month from now fits into a timer", () => {
    assert.equal(opened({}, { expiresIn: "9999999" }).timers[0].delay, 2 ** 31 - 1);
  });

  test("is posted with a CSRF token, and followed by the next", async () => {
    const page = opened();
    await page.runTimer();
    const [[url, { method, headers }]] = page.fetched;
    assert.deepEqual([url, method, headers["X-CSRFToken"]], ["/refresh/", "POST", "from the page"]);
    assert.deepEqual(page.timers.map(({ delay }) => delay), [240_000]);
  });

  test("takes the token of the cookie, which a login may have changed", async () => {
    const page = opened();
    page.document.cookie = "other=1; csrftoken=from the cookie";
    await page.runTimer();
    assert.equal(page.fetched[0][1].headers["X-CSRFToken"], "from the cookie");
  });

  test("is made by one page for all", async () => {
    const browser = new FakeBrowser();
    const pages = [opened({ browser }), opened({ browser })];
    const timers = pages.map(({ timers: [timer] }) => timer);
    for (const page of pages) page.now += 240_000;
    await Promise.all(pages.map((page, number) => page.runTimer(timers[number])));
    await settled();
    assert.deepEqual(pages.map(({ fetched }) => fetched.length), [1, 0]);
    assert.deepEqual(pages.map(({ timers }) => timers.length), [1, 1]);
  });

  test("waits until the page is visible", async () => {
    const page = opened({ visibilityState: "hidden" });
    await page.runTimer();
    assert.equal(page.fetched.length, 0);
    page.now += 300_000;
    await page.turn("visible");
    assert.equal(page.timers[0].delay, 0);
    await page.runTimer();
    assert.equal(page.fetched.length, 1);
  });

  for (const [name, answer] of Object.entries({
    "a provider that is away": () => ({ status: 503 }),
    "no network": () => Promise.reject(new TypeError("offline")),
  })) {
    test(`is tried again after ${name}`, async () => {
      const page = opened({ answer });
      await page.runTimer();
      assert.deepEqual([page.timers[0].delay, page.questions], [30_000, 0]);
    });
  }

  for (const status of [400, 401, 403]) {
    test(`ends with status ${status}, and lets watch.js ask`, async () => {
      const page = opened({ answer: () => ({ status }) });
      await page.runTimer();
      assert.deepEqual([page.timers.length, page.questions], [0, 1]);
    });
  }

  test("needs neither Web Locks, nor BroadcastChannel, nor a date", async () => {
    const answer = () => ({ ...refreshed(), headers: new Headers() });
    const page = opened({ navigator: {}, BroadcastChannel: undefined, answer });
    await page.runTimer();
    assert.equal(page.fetched.length, 1);
    assert.equal(page.timers.length, 1);
  });
});
