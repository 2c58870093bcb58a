import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { FakePage, FakeStorage, Field, answer, event, settled } from "./fake_form_page.mjs";

const DATASET = { url: "/oidc/demo/drafts/", person: "alice", lifetime: "86400" };
const ID = "0".repeat(32);

// What the server keeps, as draft_views.py does.
class Server {
  person = "alice";
  state = "active";
  token = "token-1";
  drafts = {};
  submitted = new Set();
  isAway = false;

  answer = ({ url, body }) => {
    if (this.isAway) return Promise.reject(new TypeError("offline"));
    return body ? this.save(body) : this.show(new URL(url, "https://rp.example").searchParams);
  };

  save({ field, text, id, at, person, csrfmiddlewaretoken }) {
    if (csrfmiddlewaretoken !== this.token) return answer({}, 403);
    if (this.state === "anonymous") return answer({ error: "login_required" }, 401);
    if (person !== this.person) return answer({ error: "other_person" }, 409);
    if (text.length > 1e6) return answer({ error: "draft_too_long" }, 413);
    const submitted = this.submitted.has(id);
    if (!submitted) this.drafts[field] = { text, id, at: Number(at) };
    return answer({ expired: this.state === "expired", submitted });
  }

  show(query) {
    if (this.state !== "active") return answer({ error: "session_expired" }, 401);
    const submitted = query.getAll("id").filter((id) => this.submitted.has(id));
    const asked = Object.entries(this.drafts).filter(([field]) => query.getAll("field").includes(field));
    return answer({ person: this.person, csrf_token: this.token, drafts: Object.fromEntries(asked), submitted });
  }
}

const open = async (options = {}) => {
  const { server = new Server(), fields = [new Field("text")], dataset = DATASET, ...rest } = options;
  const page = new FakePage({ server: server.answer, fields, ...rest });
  await page.load("drafts.js", dataset);
  return Object.assign(page, { backend: server, fields, field: fields[0] });
};
const type = (page, text, field = page.field) => {
  field.value = text;
  const typed = event("input");
  Object.defineProperty(typed, "target", { value: field });
  page.document.dispatchEvent(typed);
};
const write = async (page, text, field) => {
  type(page, text, field);
  await page.timers.run();
};
const send = (page, form) => {
  const appended = [];
  const sent = event("formdata", { formData: { append: (...args) => appended.push(args) } });
  Object.defineProperty(sent, "target", { value: form });
  page.document.dispatchEvent(sent);
  return appended;
};
const posts = ({ asked }) => asked.filter(({ body }) => body);
const textsOf = ({ drafts }) => Object.fromEntries(Object.entries(drafts).map(([name, { text }]) => [name, text]));

describe("what is typed", () => {
  test("is saved after a pause, once", async () => {
    const page = await open();
    type(page, "D");
    type(page, "Dear all");
    assert.deepEqual([...page.timers.waiting.values()].map(({ delay }) => delay), [1000]);
    assert.equal(posts(page).length, 0);
    await page.timers.run();
    assert.deepEqual(textsOf(page.backend), { text: "Dear all" });
    const [{ body, options }] = posts(page);
    assert.ok(Math.abs(body.at - Date.now()) < 60000);
    assert.equal(options.method, "POST");
    assert.match(body.id, /^[0-9a-f]{32}$/);
    assert.deepEqual({ ...body, id: "", at: "" }, {
      page: "/form/?a=1",
      field: "text",
      text: "Dear all",
      id: "",
      at: "",
      person: "alice",
      csrfmiddlewaretoken: "token-1",
    });
  });

  test("stays with the tab only until the server has it", async () => {
    const page = await open();
    type(page, "Dear all");
    const [key] = Object.keys(page.storage);
    assert.equal(key, 'oidc_draft ["alice","/form/?a=1","text"]');
    await page.timers.run();
    assert.deepEqual(Object.keys(page.storage), []);
  });

  test("that goes on while it is saved stays with the tab", async () => {
    const page = await open();
    const plain = page.server;
    page.server = (asked) => {
      page.server = plain;
      type(page, "Dear all and");
      return plain(asked);
    };
    await write(page, "Dear all");
    assert.equal(Object.keys(page.storage).length, 1);
    await page.timers.run();
    assert.deepEqual(textsOf(page.backend), { text: "Dear all and" });
    assert.deepEqual(Object.keys(page.storage), []);
  });

  test("keeps its id", async () => {
    const page = await open();
    await write(page, "Dear");
    await write(page, "Dear all");
    const [first, second] = posts(page);
    assert.equal(first.body.id, second.body.id);
  });

  test("is of its own field", async () => {
    const page = await open({ fields: [new Field("text"), new Field("x", { name: "title", dataset: { oidcDraft: "" } })] });
    type(page, "Dear all");
    type(page, "A letter", page.fields[1]);
    await page.timers.run();
    assert.deepEqual(textsOf(page.backend), { text: "Dear all", title: "A letter" });
    assert.notEqual(page.backend.drafts.text.id, page.backend.drafts.title.id);
  });

  test("elsewhere is nothing of ours", async () => {
    const page = await open();
    await write(page, "Dear all", new Field("other"));
    assert.equal(posts(page).length, 0);
  });

  for (const kind of ["password", "hidden", "file", "checkbox", "radio"]) {
    test(`into a field of type ${kind} is never kept`, async () => {
      const page = await open({ fields: [new Field("text", { type: kind })] });
      await write(page, "secret");
      assert.equal(posts(page).length, 0);
      assert.deepEqual(Object.keys(page.storage), []);
    });
  }

  test("is saved without sessionStorage, too", async () => {
    const page = await open({ storage: null });
    await write(page, "Dear all");
    assert.deepEqual(textsOf(page.backend), { text: "Dear all" });
  });

  test("is saved when the tab's storage is full", async () => {
    const storage = new FakeStorage();
    Object.defineProperty(storage, "setItem", { value: () => { throw new DOMException("full", "QuotaExceededError"); } });
    const page = await open({ storage });
    await write(page, "Dear all");
    assert.deepEqual(textsOf(page.backend), { text: "Dear all" });
  });

  test("is saved after another tab's login has changed the token", async () => {
    const page = await open();
    page.backend.token = "token-2";
    await write(page, "Dear all");
    assert.deepEqual(textsOf(page.backend), { text: "Dear all" });
  });

  test("is not tried for ever with a token that is none", async () => {
    const page = await open();
    page.backend.save = () => answer({}, 403);
    await write(page, "Dear all");
    assert.equal(posts(page).length, 2);
    assert.equal(Object.keys(page.storage).length, 1);
  });

  test("is saved while the session has expired, and the page is told", async () => {
    const page = await open();
    let told = 0;
    page.document.addEventListener("oidc-expired", () => (told += 1));
    await write(page, "Dear");
    assert.equal(told, 0);
    page.backend.state = "expired";
    await write(page, "Dear all");
    assert.equal(told, 1);
    assert.deepEqual(textsOf(page.backend), { text: "Dear all" });
  });

  const REFUSED = {
    "the session is gone": (server) => (server.state = "anonymous"),
    "somebody else is signed in now": (server) => (server.person = "bob"),
    "there is no connection": (server) => (server.isAway = true),
    "the token can't be had": (server) => Object.assign(server, { token: "token-2", state: "expired" }),
  };
  for (const [name, change] of Object.entries(REFUSED)) {
    test(`stays with the tab while ${name}`, async () => {
      const page = await open();
      change(page.backend);
      await write(page, "Dear all");
      assert.deepEqual(page.backend.drafts, {});
      assert.equal(Object.keys(page.storage).length, 1);
    });
  }

  test("is saved once the connection is back, and something is typed", async () => {
    const page = await open();
    page.backend.isAway = true;
    await write(page, "Dear");
    page.backend.isAway = false;
    await write(page, "Dear all");
    assert.deepEqual(textsOf(page.backend), { text: "Dear all" });
  });

  test("and not saved goes off with the page", async () => {
    const page = await open({ fields: [new Field("text"), new Field("long")] });
    type(page, "Dear all");
    type(page, "x".repeat(60000), page.fields[1]);
    await page.fire("pagehide");
    assert.deepEqual(posts(page).map(({ options }) => options.keepalive), [true, false]);
    assert.equal(page.backend.drafts.text.text, "Dear all");
    assert.equal(Object.keys(page.storage).length, 2);
  });

  test("and not saved stays with the tab if the page goes off without a connection", async () => {
    const page = await open();
    type(page, "Dear all");
    page.backend.isAway = true;
    await page.fire("pagehide");
    assert.equal(Object.keys(page.storage).length, 1);
  });
});

describe("a field", () => {
  test("is not given back by the browser itself, which asks for no person", async () => {
    const page = await open();
    assert.equal(page.field.autocomplete, "off");
    page.fields.push(new Field("later"));
    type(page, "Dear all", page.fields[1]);
    assert.equal(page.fields[1].autocomplete, "off");
  });
});

describe("a draft", () => {
  const withDraft = (text = "Dear all") => Object.assign(new Server(), { drafts: { text: { text, id: ID, at: 1 } } });

  test("is put into an empty field", async () => {
    const field = new Field("text", { value: " \n" });
    let restored = 0;
    field.addEventListener("oidc-draft-restored", ({ bubbles }) => (restored += bubbles));
    const page = await open({ server: withDraft(), fields: [field] });
    assert.equal(page.field.value, "Dear all");
    assert.equal(restored, 1);
    await page.timers.run();
    assert.equal(posts(page).length, 0);
  });

  test("is put into no field that has something in it", async () => {
    const page = await open({ server: withDraft(), fields: [new Field("text", { value: "Hello" })] });
    assert.equal(page.field.value, "Hello");
  });

  test("is put into no field that was faster", async () => {
    const server = withDraft();
    const page = new FakePage({ server: server.answer, fields: [new Field("text")] });
    const [field] = page.document.querySelectorAll();
    const loading = page.load("drafts.js", DATASET);
    type(page, "H", field);
    type(page, "", field);
    await loading;
    assert.equal(field.value, "");
  });

  test("goes on under its id", async () => {
    const page = await open({ server: withDraft() });
    await write(page, "Dear all and");
    const { text, id } = page.backend.drafts.text;
    assert.deepEqual({ text, id }, { text: "Dear all and", id: ID });
  });

  test("of somebody else is not there, whatever the server says", async () => {
    const page = await open({ server: Object.assign(withDraft(), { person: "bob" }) });
    assert.equal(page.field.value, "");
  });

  test("is not there while the session has expired", async () => {
    const page = await open({ server: Object.assign(withDraft(), { state: "expired" }) });
    assert.equal(page.field.value, "");
  });

  test("is not there without a connection", async () => {
    assert.equal((await open({ server: Object.assign(withDraft(), { isAway: true }) })).field.value, "");
  });
});

describe("what stayed with the tab", () => {
  const leave = async (text = "Dear all") => {
    const page = await open();
    page.backend.isAway = true;
    await write(page, text);
    page.backend.isAway = false;
    return page;
  };

  test("is put back for the same person, and saved", async () => {
    const { storage, backend } = await leave();
    const page = await open({ storage, server: backend });
    assert.equal(page.field.value, "Dear all");
    await page.timers.run();
    assert.deepEqual(textsOf(backend), { text: "Dear all" });
    assert.deepEqual(Object.keys(storage), []);
  });

  test("gives way to what is typed before the server has answered", async () => {
    const { storage, backend } = await leave("before");
    const page = new FakePage({ server: backend.answer, fields: [new Field("text")], storage });
    const [field] = page.document.querySelectorAll();
    const loading = page.load("drafts.js", DATASET);
    type(page, "since", field);
    await loading;
    await page.timers.run();
    assert.equal(field.value, "since");
    assert.deepEqual(textsOf(backend), { text: "since" });
  });

  test("wins over what the server had before", async () => {
    const { storage, backend } = await leave("newer");
    backend.drafts.text = { text: "older", id: ID, at: 1 };
    assert.equal((await open({ storage, server: backend })).field.value, "newer");
  });

  test("gives way to what another tab has saved since", async () => {
    const { storage, backend } = await leave("older");
    backend.drafts.text = { text: "newer", id: ID, at: Date.now() + 1000 };
    const page = await open({ storage, server: backend });
    assert.equal(page.field.value, "newer");
    await page.timers.run();
    assert.equal(posts(page).length, 0);
    assert.deepEqual(Object.keys(storage), []);
  });

  test("is gone as soon as somebody else's page is there", async () => {
    const { storage, backend } = await leave();
    const page = await open({ storage, server: Object.assign(backend, { person: "bob", isAway: true }), dataset: { ...DATASET, person: "bob" } });
    assert.equal(page.field.value, "");
    assert.deepEqual(Object.keys(storage), []);
  });

  test("is of one page", async () => {
    const { storage, backend } = await leave();
    const page = await open({ storage, server: backend, address: "https://rp.example/form/?a=2" });
    assert.equal(page.field.value, "");
    assert.equal(Object.keys(storage).length, 1);
  });

  test("is gone after a day", async () => {
    const { storage, backend } = await leave();
    const [key] = Object.keys(storage);
    storage.setItem(key, JSON.stringify({ ...JSON.parse(storage.getItem(key)), at: Date.now() - 86401e3 }));
    assert.equal((await open({ storage, server: backend })).field.value, "");
    assert.deepEqual(Object.keys(storage), []);
  });

  test("leaves what is not ours alone", async () => {
    const storage = new FakeStorage();
    storage.setItem("theirs", "kept");
    await open({ storage });
    assert.equal(storage.getItem("theirs"), "kept");
  });
});

describe("a form", () => {
  const form = {};
  const inForm = () => [new Field("text", { form }), new Field("title", { form }), new Field("other", { form: null })];

  test("takes along which drafts are in it", async () => {
    const page = await open({ fields: inForm() });
    await write(page, "Dear all");
    type(page, "elsewhere", page.fields[2]);
    const [[name, value], ...rest] = send(page, form);
    assert.equal(name, "oidc_draft");
    assert.deepEqual(JSON.parse(value), { page: "/form/?a=1", drafts: { text: page.backend.drafts.text.id } });
    assert.deepEqual(rest, []);
  });

  test("without drafts takes nothing along", async () => {
    const page = await open({ fields: inForm() });
    type(page, "elsewhere", page.fields[2]);
    assert.deepEqual(send(page, form), []);
    assert.deepEqual(send(page, {}), []);
  });

  const sendOff = async () => {
    const page = await open({ fields: inForm() });
    type(page, "Dear all");
    const { drafts } = JSON.parse(send(page, form)[0][1]);
    await page.fire("pagehide");
    return { page, id: drafts.text };
  };

  test("that was refused costs nothing", async () => {
    const { page } = await sendOff();
    page.backend.drafts = {};
    assert.equal((await open({ storage: page.storage, server: page.backend })).field.value, "Dear all");
  });

  test("that was accepted takes away what stayed with the tab", async () => {
    const { page, id } = await sendOff();
    page.backend.submitted.add(id);
    page.backend.drafts = {};
    assert.equal((await open({ storage: page.storage, server: page.backend })).field.value, "");
    assert.deepEqual(Object.keys(page.storage), []);
  });

  test("that was accepted while the page stays takes it away at the next pause", async () => {
    const page = await open({ fields: inForm() });
    type(page, "Dear all");
    page.backend.submitted.add(JSON.parse(send(page, form)[0][1]).drafts.text);
    await page.timers.run();
    assert.deepEqual(page.backend.drafts, {});
    assert.deepEqual(Object.keys(page.storage), []);
  });

  test("that was sent is followed by another draft", async () => {
    const { page, id } = await sendOff();
    await write(page, "Dear others");
    assert.notEqual(page.backend.drafts.text.id, id);
  });

  test("of another tab does not take away what goes on here", async () => {
    const page = await open({ fields: inForm() });
    await write(page, "Dear");
    page.backend.submitted.add(page.backend.drafts.text.id);
    page.backend.drafts = {};
    await write(page, "Dear all");
    await page.timers.run();
    await settled();
    assert.deepEqual(textsOf(page.backend), { text: "Dear all" });
    assert.deepEqual(Object.keys(page.storage), []);
  });
});
