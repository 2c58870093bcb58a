import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { FakeBrowser, FakePage, ORIGIN, settled } from "./fake_page.mjs";

const OP = "https://op.example";
const IFRAME = { check_session_iframe: `${OP}/iframe`, client_id: "the client" };
const SILENT = "/login/?silent=1";

const opened = async (more = {}, data = {}) => {
  const dataset = { provider: "demo", sessionState: "hash.salt", interval: "5", checkSessionUrl: "/check/" };
  const answer = () => ({ json: async () => IFRAME });
  const page = new FakePage("rp_iframe.js", { ...dataset, silentLoginUrl: SILENT, ...data }, { answer, ...more });
  page.questions = 0;
  page.seen = [];
  page.document.addEventListener("oidc-session-state", ({ detail }) => page.seen.push(detail.saw));
  page.document.addEventListener("oidc-session-ask", ({ detail }) => (page.questions += detail.provider === "demo"));
  await settled();
  return page;
};

const op = (page) => page.frames.find(({ src }) => src === IFRAME.check_session_iframe);
const silent = (page) => page.frames.filter(({ src }) => src === SILENT);
const say = (page, word, origin = OP, source = op(page).contentWindow) => page.receive(word, source, origin);
const finish = (page, told, origin = ORIGIN) => {
  const [frame] = silent(page);
  const data = { oidcSilentLogin: { provider: "demo", sessionState: "", ...told } };
  return page.receive(data, frame.contentWindow, origin);
};

describe("the provider's iframe", () => {
  test("is asked when it has loaded, and then at an interval", async () => {
    const page = await opened();
    await page.fire(op(page), "load");
    page.interval.callback();
    assert.deepEqual(op(page).contentWindow.asked, [["the client hash.salt", OP], ["the client hash.salt", OP]]);
    assert.equal(page.interval.delay, 5000);
    assert.equal(op(page).hidden, true);
  });

  test("is not asked by a hidden page", async () => {
    const page = await opened({ visibilityState: "hidden" });
    page.interval.callback();
    assert.deepEqual(op(page).contentWindow.asked, []);
  });

  const ANSWERS_WITHOUT = {
    "may not exist": () => ({ json: async () => ({}) }),
    "may not be known for the moment": () => Promise.reject(new TypeError("offline")),
  };
  for (const [fact, answer] of Object.entries(ANSWERS_WITHOUT)) {
    test(fact, async () => {
      const page = await opened({ answer });
      assert.deepEqual([page.frames, page.seen], [[], ["unavailable"]]);
    });
  }
});

describe("what the provider's iframe says", () => {
  for (const word of ["unchanged", "error", "", undefined, { changed: true }]) {
    test(`${JSON.stringify(word)} does nothing`, async () => {
      const page = await opened();
      await say(page, word);
      assert.deepEqual([silent(page), page.questions], [[], 0]);
    });
  }

  test("from another origin does nothing", async () => {
    const page = await opened();
    await say(page, "changed", "https://evil.example");
    assert.deepEqual(silent(page), []);
  });

  test("from another window does nothing", async () => {
    const page = await opened();
    await say(page, "changed", OP, {});
    assert.deepEqual(silent(page), []);
  });

  test("changed begins a silent login, one at a time", async () => {
    const page = await opened();
    await say(page, "changed");
    await say(page, "changed");
    assert.deepEqual(silent(page).map(({ hidden }) => hidden), [true]);
  });

  test("is told to scripts of the page, and so is what a silent login brings", async () => {
    const page = await opened();
    for (const word of ["unchanged", "error", "nonsense", "changed"]) await say(page, word);
    await finish(page, { outcome: "signed_out", sessionState: "anonymous.salt" });
    assert.deepEqual(page.seen, ["unchanged", "error", "changed", "signed_out"]);
  });
});

describe("a silent login", () => {
  const begun = async (more) => {
    const page = await opened(more);
    await say(page, "changed");
    return page;
  };

  test("that signs in goes on with the new session_state", async () => {
    const page = await begun();
    await finish(page, { outcome: "signed_in", sessionState: "new.salt" });
    page.interval.callback();
    assert.deepEqual(op(page).contentWindow.asked, [["the client new.salt", OP]]);
    assert.deepEqual([silent(page), page.questions], [[], 1]);
  });

  test("that signs out is asked about, and watched no longer without a session_state", async () => {
    const page = await begun();
    await finish(page, { outcome: "signed_out" });
    page.now += 60_000;
    page.interval.callback();
    assert.deepEqual(op(page).contentWindow.asked, []);
    assert.equal(page.questions, 1);
  });

  test("that fails, or takes too long, changes nothing", async () => {
    for (const end of [(page) => finish(page, { outcome: "failed" }), (page) => page.runTimer()]) {
      const page = await begun();
      await end(page);
      page.now += 60_000;
      page.interval.callback();
      assert.deepEqual(op(page).contentWindow.asked, [["the client hash.salt", OP]]);
      assert.deepEqual(silent(page), []);
    }
  });

  test("that fails for want of the person goes on with the new session_state", async () => {
    const page = await begun();
    await finish(page, { outcome: "failed", sessionState: "new.salt" });
    page.interval.callback();
    assert.deepEqual(op(page).contentWindow.asked, [["the client new.salt", OP]]);
  });

  test("is not ended by another origin, another provider, or anything else", async () => {
    const page = await begun();
    await finish(page, { outcome: "signed_in" }, "https://evil.example");
    await finish(page, { outcome: "signed_in", provider: "other" });
    await page.receive("signed_in", silent(page)[0].contentWindow, ORIGIN);
    await page.receive(null, silent(page)[0].contentWindow, ORIGIN);
    assert.equal(silent(page).length, 1);
  });

  test("is made by one page for all", async () => {
    const browser = new FakeBrowser();
    const pages = [await opened({ browser }), await opened({ browser })];
    for (const page of pages) await say(page, "changed");
    assert.deepEqual(pages.map((page) => silent(page).length), [1, 0]);
    await finish(pages[0], { outcome: "signed_in", sessionState: "new.salt" });
    assert.deepEqual(pages.map((page) => silent(page).length), [0, 0]);
    for (const page of pages) page.now += 60_000;
    pages[1].interval.callback();
    assert.deepEqual(op(pages[1]).contentWindow.asked, [["the client new.salt", OP]]);
  });

  test("is followed by a question at once, in all pages whose iframe is there", async () => {
    const browser = new FakeBrowser();
    const [one, other, loading] = [await opened({ browser }), await opened({ browser }), await opened({ browser })];
    for (const page of [one, other]) await page.fire(op(page), "load");
    await say(one, "changed");
    await finish(one, { outcome: "signed_in", sessionState: "new.salt" });
    const questions = [["the client hash.salt", OP], ["the client new.salt", OP]];
    assert.deepEqual([one, other, loading].map((page) => op(page).contentWindow.asked), [questions, questions, []]);
  });

  test("is made less and less often for a provider that always says changed", async () => {
    const page = await opened();
    await page.fire(op(page), "load");
    const made = [];
    for (let second = 0; second < 600; second += 5) {
      await say(page, "changed");
      if (silent(page).length) {
        made.push(second);
        await finish(page, { outcome: "signed_in", sessionState: "new.salt" });
      }
      page.now += 5000;
    }
    assert.ok(made.length > 3 && made.length <= 7, String(made));
  });

  test("is made at once again after unchanged", async () => {
    const page = await begun();
    await page.fire(op(page), "load");
    for (let time = 0; time < 10; time += 1) {
      await finish(page, { outcome: "signed_in", sessionState: "new.salt" });
      await say(page, "unchanged");
      await say(page, "changed");
      assert.equal(silent(page).length, 1);
    }
  });

  test("is not made for a late answer about what is not held any more", async () => {
    const page = await begun();
    page.document.visibilityState = "hidden"; // Which asks nothing.
    await finish(page, { outcome: "signed_in", sessionState: "new.salt" });
    await say(page, "changed");
    assert.deepEqual(silent(page), []);
    page.document.visibilityState = "visible";
    page.interval.callback();
    await say(page, "changed");
    assert.equal(silent(page).length, 1);
  });

  test("leaves the provider's iframe alone", async () => {
    const page = await begun();
    page.interval.callback();
    assert.deepEqual(op(page).contentWindow.asked, []);
  });

  test("needs neither Web Locks nor BroadcastChannel", async () => {
    const page = await begun({ navigator: {}, BroadcastChannel: undefined });
    await finish(page, { outcome: "signed_in", sessionState: "new.salt" });
    assert.equal(page.questions, 1);
  });
});

describe("a visitor whom nobody has signed in", () => {
  test("is told a session_state by a silent login first", async () => {
    const page = await opened({}, { sessionState: "" });
    assert.equal(op(page), undefined);
    await finish(page, { outcome: "signed_out", sessionState: "anonymous.salt" });
    await page.fire(op(page), "load");
    assert.deepEqual(op(page).contentWindow.asked, [["the client anonymous.salt", OP]]);
  });
});
