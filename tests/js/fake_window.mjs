// A window small enough to read, in which the shipped check_session.js runs.
import { webcrypto } from "node:crypto";
import { readFileSync } from "node:fs";
import { createContext, runInContext } from "node:vm";

const PATH = new URL("../../oidc_session/static/oidc_session/check_session.js", import.meta.url);
const SCRIPT = readFileSync(PATH, "utf8");

export class Asker {
  told = [];

  postMessage(message, origin) {
    this.told.push([message, origin]);
  }
}

// An EventTarget that knows when its listeners are done.
class Target extends EventTarget {
  addEventListener(type, listener) {
    super.addEventListener(type, (event) => (this.done = listener(event)));
  }

  async fire(type, properties = {}) {
    this.dispatchEvent(Object.assign(new Event(type), properties));
    await this.done;
  }
}

class FakeDocument extends Target {
  constructor(properties) {
    super();
    Object.assign(this, properties);
  }

  turn(visibilityState) {
    this.visibilityState = visibilityState;
    this.dispatchEvent(new Event("visibilitychange"));
  }
}

class FakeCrypto {
  digests = 0;

  subtle = {
    digest: (...args) => {
      this.digests += 1;
      return webcrypto.subtle.digest(...args);
    },
  };
}

// The Web Locks of one browser, shared by its windows.
export class FakeLocks {
  last = Promise.resolve();

  request(name, callback) {
    this.name = name;
    this.last = this.last.then(callback);
    return this.last;
  }
}

// Timers that run when a test says so.
class FakeTimers {
  started = [];
  waiting = [];

  set = (callback, delay) => {
    this.started.push({ callback, delay });
    this.waiting.shift()?.();
  };

  // Resolves once a timer is there to be run.
  async next() {
    if (!this.started.length) await new Promise((resolve) => this.waiting.push(resolve));
    return this.started[0];
  }

  async run() {
    await this.next();
    this.started.shift().callback();
  }
}

export class FakeWindow {
  self = new Asker();
  target = new Target();
  timers = new FakeTimers();
  fetched = [];

  constructor({ cookie = "", visibilityState = "visible", dataset, hasStorageAccess, locks, fetch, ...globals }) {
    const documentElement = { dataset: { cookieName: "state", ...dataset } };
    this.document = new FakeDocument({ cookie, visibilityState, documentElement, hasStorageAccess });
    this.crypto = new FakeCrypto();
    this.cookieStore = new Target();
    this.locks = locks ?? new FakeLocks();
    const context = createContext({
      TextEncoder,
      window: this.self,
      document: this.document,
      crypto: this.crypto,
      cookieStore: this.cookieStore,
      navigator: { locks: this.locks },
      setTimeout: this.timers.set,
      addEventListener: (...args) => this.target.addEventListener(...args),
      fetch: async (...args) => {
        this.fetched.push(args);
        await fetch?.(this);
      },
      ...globals,
    });
    runInContext(SCRIPT, context);
  }

  async receive(data, source = new Asker(), origin = "https://rp.example") {
    await this.target.fire("message", { data, source, origin });
    return source?.told ?? [];
  }

  async ask(...args) {
    const told = await this.receive(...args);
    return told.at(-1)?.[0];
  }

  async changeCookie(cookie) {
    this.document.cookie = cookie;
    await this.cookieStore.fire("change");
  }
}
