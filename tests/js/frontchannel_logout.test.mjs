import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { FakeSignedOut } from "./fake_signed_out.mjs";

const NEXT = "https://rp.example/bye";

describe("each frame", () => {
  test("is asked at once, in the place of the one that waits", () => {
    const page = new FakeSignedOut({ frames: ["a", "b"] });
    assert.deepEqual(page.frames.map(({ src }) => src), ["https://a.example/out", "https://b.example/out"]);
    assert.deepEqual(page.frames.map(({ srcdoc }) => srcdoc), [undefined, undefined]);
    assert.ok(!page.frames.some((frame) => page.placeholders.includes(frame)));
  });

  test("that waited does not count when it loads", () => {
    const page = new FakeSignedOut();
    page.placeholders[0].load();
    assert.deepEqual(page.went, []);
    assert.equal(page.state("a"), "asking");
  });

  test("is noted when it has loaded", () => {
    const page = new FakeSignedOut({ frames: ["a", "b"] });
    page.frames[0].load();
    assert.deepEqual([page.state("a"), page.state("b")], ["asked", "asking"]);
    assert.deepEqual([page.entries.a.reads, page.entries.b.reads], [["asked"], ["asking"]]);
  });

  test("of an application that was told otherwise changes nothing of what it reads", () => {
    const page = new FakeSignedOut({ frames: [null] });
    page.frames[0].load();
    assert.deepEqual(page.went, [NEXT]);
    const late = new FakeSignedOut({ frames: [null] });
    late.reachLimit();
    assert.ok(late.notice.hidden);
  });
});

describe("the page goes on", () => {
  test("when the last frame has loaded, and not before", () => {
    const page = new FakeSignedOut({ frames: ["a", "b"] });
    page.frames[1].load();
    assert.deepEqual(page.went, []);
    page.frames[0].load();
    assert.deepEqual(page.went, [NEXT]);
  });

  test("when the window has loaded: an empty answer gives a frame no event of its own", () => {
    const page = new FakeSignedOut({ frames: ["a", "b"] });
    page.load();
    assert.deepEqual(page.went, [NEXT]);
    assert.deepEqual([page.state("a"), page.state("b")], ["asked", "asked"]);
  });

  test("at the limit, with frames that hang", () => {
    const page = new FakeSignedOut({ frames: ["a", "b"], limit: "2.5" });
    assert.deepEqual(page.timers.map(({ delay }) => delay), [2500]);
    page.frames[0].load();
    page.reachLimit();
    assert.deepEqual(page.went, [NEXT]);
  });

  test("at the limit without frames", () => {
    const page = new FakeSignedOut({ frames: [] });
    page.reachLimit();
    assert.deepEqual(page.went, [NEXT]);
  });

  test("once, however slow the next page is", () => {
    const page = new FakeSignedOut({ frames: ["a", "b"] });
    page.frames[0].load();
    page.reachLimit();
    page.frames[1].load();
    page.load();
    page.reachLimit();
    assert.deepEqual(page.went, [NEXT]);
  });

  test("without leaving an entry in the history, to where the page says", () => {
    const page = new FakeSignedOut({ next: "my.app:/bye?state=a%20b" });
    page.load();
    assert.deepEqual(page.went, ["my.app:/bye?state=a%20b"]);
  });
});

describe("a page with nowhere to go on to", () => {
  const staying = (more) => new FakeSignedOut({ next: "", ...more });

  test("stays", () => {
    const page = staying();
    page.frames[0].load();
    page.load();
    page.reachLimit();
    assert.deepEqual(page.went, []);
  });

  test("says who did not answer in time", () => {
    const page = staying({ frames: ["a", "b"] });
    page.frames[0].load();
    page.reachLimit();
    assert.deepEqual([page.entries.a.reads, page.entries.b.reads], [["asked"], ["late"]]);
    assert.deepEqual([page.state("a"), page.state("b")], ["asked", "late"]);
    assert.equal(page.notice.hidden, false);
  });

  test("takes it back when the answer comes after all", () => {
    const page = staying();
    page.reachLimit();
    page.frames[0].load();
    assert.deepEqual(page.entries.a.reads, ["asked"]);
    assert.ok(page.notice.hidden);
  });

  test("keeps its notice for applications that could not be told at all", () => {
    const page = staying({ others: ["unknown"] });
    page.frames[0].load();
    assert.equal(page.notice.hidden, false);
  });

  test("of a project's own, without entries and notice, works", () => {
    const page = staying({ hasNotice: false });
    page.reachLimit();
    page.entries = {};
    page.frames[0].load();
    assert.deepEqual(page.went, []);
  });
});
