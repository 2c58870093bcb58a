import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { NewsPage, answer } from "./fake_news_page.mjs";

const NEWS = "/o/signed-out/x/";

describe("the page after a logout", () => {
  test("asks where applications are being told, and where it is told to", () => {
    assert.equal(new NewsPage().timers.length, 1);
    assert.equal(new NewsPage({ news: "" }).timers.length, 0);
    assert.equal(new NewsPage({ states: { a: "signed-out" } }).timers.length, 0);
  });

  test("shows what has become of each, and asks no more", async () => {
    const page = new NewsPage({ states: { a: "being-told", b: "asking" } });
    await page.hear(answer({ b: "asked", a: "signed-out" }));
    assert.deepEqual(page.asked, [NEWS]);
    assert.deepEqual(page.states, { a: "signed-out", b: "asking" });
    assert.deepEqual(page.entries[0].childNodes, ["a signed-out"]);
    assert.equal(page.notice.hidden, true);
    assert.equal(page.timers.length, 0);
  });

  test("asks again while one is being told, for as long as the server says", async () => {
    const page = new NewsPage({ states: { a: "being-told", b: "being-told" } });
    await page.hear(answer({ a: "signed-out", b: "being-told" }, NEWS));
    assert.equal(page.timers.length, 1);
    await page.hear(answer({ a: "signed-out", b: "being-told" }));
    assert.equal(page.timers.length, 0);
  });

  test("warns of one that could not be told", async () => {
    const page = new NewsPage();
    await page.hear(answer({ a: "unknown" }));
    assert.equal(page.notice.hidden, false);
  });

  test("says in its heading what is true by now, where it has one", async () => {
    const page = new NewsPage();
    await page.hear(answer({ a: "being-told" }, NEWS));
    assert.equal(page.heading.textContent, "Signing you out");
    await page.hear(answer({ a: "signed-out" }, "", "You are signed out"));
    assert.equal(page.heading.textContent, "You are signed out");
    const bare = new NewsPage({ heading: null });
    await bare.hear(answer({ a: "signed-out" }));
    assert.deepEqual(bare.states, { a: "signed-out" });
  });

  test("needs no warning to be there", async () => {
    const page = new NewsPage({ hasNotice: false });
    await page.hear(answer({ a: "unknown" }));
    assert.deepEqual(page.states, { a: "unknown" });
  });

  test("leaves alone what the server says nothing of", async () => {
    const page = new NewsPage();
    await page.hear(answer({}, NEWS));
    assert.deepEqual(page.states, { a: "being-told" });
  });

  test("asks again without a network, and not for ever", async () => {
    const page = new NewsPage();
    while (page.timers.length) await page.hear(new Error("no network"));
    assert.equal(page.asked.length, 40);
  });

  test("asks no more after an error or at another address", async () => {
    for (const end of [{ ok: false }, { ok: true, redirected: true }]) {
      const page = new NewsPage();
      await page.hear(end);
      assert.equal(page.timers.length, 0);
    }
  });
});
