import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { Asker } from "./fake_window.mjs";
import { blocked, COOKIE, HASH, NO_SESSION, ORIGIN, QUESTION, signedIn, VECTORS } from "./question.mjs";

describe("a change of the cookie", () => {
  const asked = async (page, question = QUESTION, origin = ORIGIN) => {
    const asker = new Asker();
    await page.ask(question, asker, origin);
    asker.told.length = 0;
    return asker;
  };

  test("is told to whoever heard unchanged", async () => {
    const page = signedIn();
    const asker = await asked(page);
    await page.changeCookie("state=other");
    assert.deepEqual(asker.told, [["changed", ORIGIN]]);
  });

  test("is told to each at its own origin", async () => {
    const page = signedIn();
    const other = VECTORS.find(({ name }) => name === "http");
    const askers = [await asked(page), await asked(page, `client ${other.session_state}`, other.origin)];
    await page.changeCookie("state=other");
    assert.deepEqual(askers.map(({ told }) => told), [[["changed", ORIGIN]], [["changed", other.origin]]]);
  });

  test("is told once", async () => {
    const page = signedIn();
    const asker = await asked(page);
    await page.changeCookie("state=other");
    await page.changeCookie("state=third");
    assert.equal(asker.told.length, 1);
  });

  test("is told once to each of many when it is noticed twice at a time", async () => {
    const page = signedIn();
    const askers = [await asked(page), await asked(page), await asked(page)];
    await Promise.all([page.changeCookie("state=other"), page.cookieStore.fire("change")]);
    assert.deepEqual(askers.map(({ told }) => told.length), [1, 1, 1]);
  });

  test("is told once to whoever asks at the same time", async () => {
    const page = signedIn();
    const asker = await asked(page);
    await Promise.all([page.changeCookie("state=other"), page.receive(QUESTION, asker)]);
    assert.deepEqual(asker.told, [["changed", ORIGIN]]);
  });

  test("is told when the cookie is deleted", async () => {
    const page = signedIn();
    const asker = await asked(page);
    await page.changeCookie("");
    assert.deepEqual(asker.told, [["changed", ORIGIN]]);
  });

  test("is not told when it is another cookie's", async () => {
    const page = signedIn();
    const asker = await asked(page);
    await page.changeCookie(`${COOKIE}; other=1`);
    assert.deepEqual(asker.told, []);
  });

  test("is not told to whoever heard changed", async () => {
    const page = signedIn();
    const askers = [await asked(page, NO_SESSION), await asked(page, `client ${HASH}.other`)];
    await page.changeCookie("state=other");
    assert.deepEqual(askers.map(({ told }) => told), [[], []]);
  });

  test("is not told to whoever heard error", async () => {
    const page = blocked();
    const asker = await asked(page);
    await page.changeCookie("state=other");
    assert.deepEqual(asker.told, []);
  });

  test("is not told to a window that has closed", async () => {
    const page = signedIn();
    const asker = await asked(page);
    asker.closed = true;
    await page.changeCookie("state=other");
    asker.closed = false;
    await page.changeCookie("state=third");
    assert.deepEqual(asker.told, []);
  });

  test("goes unnoticed without the Cookie Store API until the next question", async () => {
    const [page, asker] = [signedIn({ cookieStore: undefined }), new Asker()];
    await page.ask(QUESTION, asker);
    page.document.cookie = "state=other";
    assert.equal(await page.ask(QUESTION, asker), "changed");
  });
});
