import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { FakeBrowser, FakePage, settled } from "./fake_page.mjs";

const ACTIVE = { state: "active", sub: "alice" };
const EXPIRED = { state: "expired", sub: "alice" };
const ANONYMOUS = { state: "anonymous", sub: null };
const BOB = { state: "active", sub: "bob" };

const json = (body) => ({ ok: true, json: async () => body });

const opened = async (status = ACTIVE, more = {}, data = {}) => {
  const site = { status };
  const dataset = { provider: "demo", state: "active", sub: "alice", statusUrl: "/status/", eventsUrl: "/events/" };
  const answer = () => json({ demo: site.status });
  const page = new FakePage("watch.js", { ...dataset, poll: "0", ...data }, { answer, ...more });
  await settled();
  return Object.assign(page, { site });
};

const ask = (page, provider = "demo") => page.fire(page.document, "oidc-session-ask", { detail: { provider } });

describe("the notice", () => {
  const saying = async (status, data) => {
    const page = await opened(status, {}, data);
    await ask(page);
    return page.notices;
  };

  test("is none while the person is signed in", async () => assert.deepEqual(await saying(ACTIVE), []));
  test("says signed out", async () => assert.deepEqual(await saying(ANONYMOUS), ["signed-out"]));
  test("says expired", async () => assert.deepEqual(await saying(EXPIRED), ["expired"]));
  test("says signed out where somebody else is", async () => assert.deepEqual(await saying(BOB), ["signed-out"]));
  test("leaves what has expired to an element of the page that says so", async () => {
    const page = await opened(EXPIRED, { expired: {} });
    await ask(page);
    assert.deepEqual([page.notices, page.heard.length], [[], 1]);
  });
  test("is none on a page that was made for nobody", async () => {
    assert.deepEqual(await saying(ACTIVE, { state: "anonymous", sub: "" }), []);
  });

  test("follows each change, one at a time, and goes with it", async () => {
    const page = await opened();
    for (const [status, notices] of [[EXPIRED, ["expired"]], [ANONYMOUS, ["signed-out"]], [BOB, ["signed-out"]], [ACTIVE, []]]) {
      page.site.status = status;
      await ask(page);
      assert.deepEqual(page.notices, notices);
    }
  });

  test("is told to the page's own scripts, once", async () => {
    const page = await opened(ANONYMOUS);
    await ask(page);
    await ask(page);
    assert.deepEqual(page.heard, [{ provider: "demo", ...ANONYMOUS }]);
  });
});

describe("a question that fails", () => {
  for (const [name, answer] of Object.entries({
    "offline": () => Promise.reject(new TypeError("offline")),
    "an error of the server": () => ({ ok: false, status: 503 }),
    "no JSON": () => ({ ok: true, json: () => Promise.reject(new SyntaxError("<")) }),
    "another provider's": () => json({ other: ANONYMOUS }),
  })) {
    test(`${name} signs nobody out`, async () => {
      const page = await opened();
      page.answer = answer;
      await ask(page);
      assert.deepEqual([page.notices, page.heard], [[], []]);
    });
  }

  test("an answer that comes late does not take back a later one", async () => {
    const page = await opened();
    const late = Promise.withResolvers?.() ?? {};
    late.promise ??= new Promise((resolve) => (late.resolve = resolve));
    page.answer = () => late.promise;
    const first = ask(page);
    page.answer = () => json({ demo: ANONYMOUS });
    await ask(page);
    late.resolve(json({ demo: ACTIVE }));
    await first;
    await settled();
    assert.deepEqual(page.notices, ["signed-out"]);
  });
});

describe("the stream", () => {
  for (const type of ["signed-out", "expired", "revived"]) {
    test(`${type} is a reason to ask`, async () => {
      const page = await opened(ANONYMOUS);
      await page.streams[0].send(type);
      assert.deepEqual(page.fetched.map(([url, { cache }]) => [url, cache]), [["/status/", "no-store"]]);
      assert.deepEqual(page.notices, ["signed-out"]);
    });
  }

  test("that says signed-out because of a login in another tab is no logout", async () => {
    const page = await opened(ACTIVE);
    await page.streams[0].send("signed-out");
    assert.deepEqual(page.notices, []);
  });

  test("is opened by one page of a browser, and by the next when that is over", async () => {
    const browser = new FakeBrowser();
    const [first, second] = [await opened(ACTIVE, { browser }), await opened(ACTIVE, { browser })];
    assert.deepEqual([first.streams.length, second.streams.length], [1, 0]);
    first.site.status = second.site.status = ANONYMOUS;
    await first.streams[0].send("signed-out");
    assert.deepEqual([first.notices, second.notices], [["signed-out"], ["signed-out"]]);
  });

  test("is not opened without an address, without EventSource, or for nobody", async () => {
    const anonymous = { state: "anonymous", sub: "" };
    for (const page of [
      await opened(ACTIVE, {}, { eventsUrl: undefined }),
      await opened(ACTIVE, { EventSource: undefined }),
      await opened(ANONYMOUS, {}, anonymous),
    ]) {
      assert.deepEqual(page.streams, []);
    }
  });

  test("that the browser opens again by itself is left alone", async () => {
    const page = await opened();
    await page.streams[0].end(0);
    assert.deepEqual([page.fetched.length, page.timers.length], [0, 0]);
  });

  test("that is refused is opened again after a while that grows", async () => {
    const page = await opened();
    const delays = [];
    for (let round = 0; round < 8; round += 1) {
      await page.streams[round].end();
      delays.push(page.timers[0].delay);
      await page.runTimer();
    }
    assert.ok(delays[0] < 2300 && delays[7] > 50_000 && delays[7] < 67_000, String(delays));
  });

  test("that was open is opened again soon", async () => {
    const page = await opened();
    await page.streams[0].send("open");
    await page.streams[0].end();
    assert.ok(page.timers[0].delay < 1200);
  });

  test("ends with the session, and begins with the next", async () => {
    const page = await opened(ANONYMOUS);
    await page.streams[0].send("signed-out");
    await page.streams[0].end();
    await page.runTimer();
    assert.equal(page.streams.length, 1);
    page.site.status = ACTIVE;
    await page.turn("visible");
    assert.deepEqual([page.streams.length, page.notices], [2, []]);
  });

  test("needs no Web Locks", async () => {
    assert.equal((await opened(ACTIVE, { navigator: {} })).streams.length, 1);
  });
});

describe("other tabs", () => {
  test("hear of a logout, and ask for themselves", async () => {
    const browser = new FakeBrowser();
    const pages = [await opened(ACTIVE, { browser }), await opened(ACTIVE, { browser })];
    for (const page of pages) page.site.status = ANONYMOUS;
    await ask(pages[0]);
    assert.deepEqual(pages.map(({ notices }) => notices), [["signed-out"], ["signed-out"]]);
    assert.deepEqual(pages.map(({ fetched }) => fetched.length), [1, 1]);
  });

  test("hear of a login when its page opens", async () => {
    const browser = new FakeBrowser();
    const page = await opened(ANONYMOUS, { browser });
    await ask(page);
    page.site.status = ACTIVE;
    await opened(ACTIVE, { browser });
    await settled();
    assert.deepEqual(page.notices, []);
  });

  test("may be none: no BroadcastChannel is needed", async () => {
    const page = await opened(ANONYMOUS, { BroadcastChannel: undefined });
    await ask(page);
    assert.deepEqual(page.notices, ["signed-out"]);
  });
});

describe("a question is asked", () => {
  const number = async (happens, data) => {
    const page = await opened(ACTIVE, {}, data);
    await happens(page);
    return page.fetched.length;
  };

  test("when the page is visible again", async () => assert.equal(await number((page) => page.turn("visible")), 1));
  test("not when it is hidden", async () => assert.equal(await number((page) => page.turn("hidden")), 0));
  test("when it comes back from the browser's memory", async () => {
    assert.equal(await number((page) => page.fire(page.target, "pageshow", { persisted: true })), 1);
    assert.equal(await number((page) => page.fire(page.target, "pageshow", { persisted: false })), 0);
  });
  test("not when another provider's is meant", async () => assert.equal(await number((page) => ask(page, "x")), 0));
  test("now and then, by a visible page", async () => {
    const polling = async (page) => {
      assert.ok(27_000 <= page.timers[0].delay && page.timers[0].delay <= 33_000);
      await page.runTimer();
      page.document.visibilityState = "hidden";
      await page.runTimer();
      assert.equal(page.timers.length, 1);
    };
    assert.equal(await number(polling, { poll: "30" }), 1);
  });
});
