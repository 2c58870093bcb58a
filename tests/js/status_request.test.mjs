import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { Asker, FakeLocks } from "./fake_window.mjs";
import { ORIGIN, QUESTION, signedIn } from "./question.mjs";

describe("the status request", () => {
  const URL = "/o/session-status/";
  const watching = (more) => signedIn({ dataset: { statusUrl: URL, statusInterval: "60" }, ...more });

  test("is not made without a URL", () => {
    const page = signedIn();
    assert.equal(page.locks.name, undefined);
    assert.deepEqual(page.timers.started, []);
  });

  test("is not made without Web Locks", () => {
    const page = watching({ navigator: {} });
    assert.deepEqual(page.timers.started, []);
  });

  test("is not made where Web Locks are blocked", async () => {
    const request = () => Promise.reject(new DOMException("blocked", "SecurityError"));
    const page = watching({ locks: { request } });
    assert.equal(await page.ask(QUESTION), "unchanged");
    assert.deepEqual(page.timers.started, []);
  });

  test("is made once an interval, give or take a tenth", async () => {
    const page = watching();
    for (const made of [0, 1, 2, 3]) {
      const { delay } = await page.timers.next();
      assert.ok(54_000 <= delay && delay <= 66_000, `${delay} ms`);
      assert.equal(page.fetched.length, made);
      await page.timers.run();
    }
  });

  test("passes by the browser's cache", async () => {
    const page = watching();
    await page.timers.run();
    await page.timers.next();
    const [[url, { cache }]] = page.fetched;
    assert.deepEqual([url, cache], [URL, "no-store"]);
  });

  test("is made by one page of a browser at a time", async () => {
    const locks = new FakeLocks();
    const [first, second] = [watching({ locks }), watching({ locks })];
    await first.timers.run();
    await first.timers.next();
    assert.deepEqual(second.timers.started, []);
    first.document.turn("hidden");
    await first.timers.run();
    await second.timers.run();
    await second.timers.next();
    assert.deepEqual([first.fetched.length, second.fetched.length], [1, 1]);
  });

  test("is not made by a page that was never visible", () => {
    const page = watching({ visibilityState: "hidden" });
    assert.equal(page.locks.name, undefined);
    assert.deepEqual(page.timers.started, []);
  });

  test("is not made by a page that is hidden by then", async () => {
    const page = watching();
    await page.timers.next();
    page.document.turn("hidden");
    await page.timers.run();
    await page.locks.last;
    assert.deepEqual(page.fetched, []);
    assert.deepEqual(page.timers.started, []);
  });

  test("is made again by a page that is visible again", async () => {
    const page = watching({ visibilityState: "hidden" });
    page.document.turn("visible");
    await page.timers.run();
    await page.timers.next();
    assert.equal(page.fetched.length, 1);
  });

  test("is made once an interval by a page that was hidden for a moment", async () => {
    const page = watching();
    await page.timers.next();
    page.document.turn("hidden");
    page.document.turn("visible");
    await page.timers.run();
    await page.timers.next();
    assert.equal(page.fetched.length, 1);
    assert.equal(page.timers.started.length, 1);
  });

  test("may fail, and is made again", async () => {
    const fetch = () => Promise.reject(new TypeError("offline"));
    const page = watching({ fetch });
    await page.timers.run();
    await page.timers.run();
    await page.timers.next();
    assert.equal(page.fetched.length, 2);
  });

  test("that brings a new cookie is told to whoever heard unchanged", async () => {
    const fetch = async (page) => (page.document.cookie = "state=other");
    const [page, asker] = [watching({ fetch, cookieStore: undefined }), new Asker()];
    await page.ask(QUESTION, asker);
    await page.timers.run();
    await page.timers.next();
    assert.deepEqual(asker.told, [["unchanged", ORIGIN], ["changed", ORIGIN]]);
  });
});
