// A page small enough to read, in which the shipped scripts of a relying party run.
import { webcrypto } from "node:crypto";
import { readFileSync } from "node:fs";
import { createContext, runInContext } from "node:vm";

const STATIC = new URL("../../oidc_session/rp/static/oidc_session_rp/", import.meta.url);

export const event = (type, properties = {}) => Object.assign(new Event(type, { bubbles: true }), properties);

// Waits until nothing is under way: no answer of the fake server takes longer.
export const settled = () => new Promise((resolve) => setImmediate(resolve));

export class FakeStorage {
  setItem(key, value) {
    this[key] = value;
  }

  getItem(key) {
    return Object.hasOwn(this, key) ? this[key] : null;
  }

  removeItem(key) {
    delete this[key];
  }
}

export class Field extends EventTarget {
  constructor(name, properties = {}) {
    super();
    Object.assign(this, { name, value: "", type: "textarea", dataset: { oidcDraft: name } }, properties);
  }
}

// Timers that run when a test says so.
class FakeTimers {
  waiting = new Map();
  last = 0;

  set = (callback, delay) => {
    this.last += 1;
    this.waiting.set(this.last, { callback, delay });
    return this.last;
  };

  clear = (timer) => this.waiting.delete(timer);

  async run() {
    const due = [...this.waiting.values()];
    this.waiting.clear();
    due.forEach(({ callback }) => callback());
    await settled();
  }
}

export const answer = (body, status = 200, url = "https://rp.example/oidc/demo/drafts/") => ({
  status,
  url,
  ok: status < 300,
  json: async () => JSON.parse(JSON.stringify(body)),
  clone: () => answer(body, status, url),
});

export class FakePage {
  target = new EventTarget();
  document = new EventTarget();
  timers = new FakeTimers();
  asked = [];
  reloaded = 0;

  constructor({ server, fields = [], storage = new FakeStorage(), address = "https://rp.example/form/?a=1", ...rest }) {
    this.server = server;
    this.storage = storage;
    const { pathname, search, hash, origin } = new URL(address);
    this.location = { pathname, search, hash, origin, reload: () => (this.reloaded += 1) };
    Object.assign(this.document, {
      visibilityState: "visible",
      documentElement: { style: { visibility: "" } },
      querySelectorAll: () => fields,
      ...rest,
    });
    this.globals = createContext({
      URL,
      URLSearchParams,
      CustomEvent,
      location: this.location,
      document: this.document,
      crypto: webcrypto,
      setTimeout: this.timers.set,
      clearTimeout: this.timers.clear,
      addEventListener: (...args) => this.target.addEventListener(...args),
      fetch: (...args) => this.fetch(...args),
    });
    Object.defineProperty(this.globals, "sessionStorage", { get: () => this.openStorage() });
  }

  openStorage() {
    if (this.storage === null) throw new DOMException("blocked", "SecurityError");
    return this.storage;
  }

  async fetch(url, options = {}) {
    const body = options.body && Object.fromEntries(options.body);
    this.asked.push({ url, options, body });
    return this.server({ url, options, body });
  }

  async load(script, dataset) {
    this.document.currentScript = { dataset };
    runInContext(readFileSync(new URL(script, STATIC), "utf8"), this.globals);
    this.document.currentScript = null;
    await settled();
    return this;
  }

  async turn(visibilityState) {
    this.document.visibilityState = visibilityState;
    this.document.dispatchEvent(event("visibilitychange"));
    await settled();
  }

  async fire(type, properties) {
    this.target.dispatchEvent(event(type, properties));
    await settled();
  }

  get isCovered() {
    return this.document.documentElement.style.visibility === "hidden";
  }
}
