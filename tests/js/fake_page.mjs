// An open page of a relying party, small enough to read, in which its shipped scripts run.
import { readFileSync } from "node:fs";
import { createContext, runInContext } from "node:vm";

import { FakeLocks } from "./fake_window.mjs";

const FOLDER = new URL("../../oidc_session/rp/static/oidc_session_rp/", import.meta.url);
export const ORIGIN = "https://rp.example";

export const settled = async () => {
  for (let turn = 0; turn < 30; turn += 1) await Promise.resolve();
};

// What the pages of one browser share.
export class FakeBrowser {
  channels = [];
  locks = new FakeLocksByName();
}

class FakeLocksByName {
  names = new Map();

  request(name, callback) {
    if (!this.names.has(name)) this.names.set(name, new FakeLocks());
    return this.names.get(name).request(name, callback);
  }
}

const channelOf = (browser) =>
  class extends EventTarget {
    constructor(name) {
      super();
      this.name = name;
      browser.channels.push(this);
    }

    postMessage(data) {
      const others = browser.channels.filter((channel) => channel !== this && channel.name === this.name);
      for (const other of others) other.dispatchEvent(Object.assign(new Event("message"), { data }));
    }
  };

class FakeEventSource extends EventTarget {
  readyState = 1;

  constructor(url) {
    super();
    this.url = url;
    this.constructor.opened.push(this);
  }

  send(type) {
    this.dispatchEvent(new Event(type));
    return settled();
  }

  end(readyState = 2) {
    this.readyState = readyState;
    return this.send("error");
  }
}

class FakeElement extends EventTarget {
  constructor(body, properties = {}) {
    super();
    Object.assign(this, { body, ...properties });
    this.contentWindow = { asked: [], postMessage: (...args) => this.contentWindow.asked.push(args) };
  }

  remove() {
    this.body.children.splice(this.body.children.indexOf(this), 1);
  }
}

export class FakePage {
  timers = [];
  fetched = [];
  heard = [];
  now = 1_000_000;
  target = new EventTarget();

  constructor(file, dataset, { browser = new FakeBrowser(), answer = () => ({}), visibilityState = "visible", expired, ...globals }) {
    this.answer = answer;
    this.expired = expired;
    this.body = { children: [], append: (element) => this.body.children.push(element) };
    this.document = Object.assign(new EventTarget(), {
      visibilityState,
      cookie: "",
      body: this.body,
      currentScript: { dataset },
      createElement: () => new FakeElement(this.body),
      querySelector: (selector) => this.template(selector),
    });
    this.EventSource = class extends FakeEventSource {
      static opened = [];
    };
    this.document.addEventListener("oidc-session", ({ detail }) => this.heard.push({ ...detail }));
    runInContext(readFileSync(new URL(file, FOLDER), "utf8"), createContext(this.globals(browser, globals)));
  }

  globals(browser, more) {
    const page = this;
    return {
      URL,
      CustomEvent,
      document: this.document,
      location: { origin: ORIGIN },
      navigator: { locks: browser.locks },
      BroadcastChannel: channelOf(browser),
      EventSource: this.EventSource,
      Date: class extends Date {
        static now = () => page.now;
      },
      setTimeout: (callback, delay) => this.timers.push({ callback, delay }) && this.timers.at(-1),
      clearTimeout: (timer) => (this.timers = this.timers.filter((each) => each !== timer)),
      setInterval: (callback, delay) => (this.interval = { callback, delay }),
      addEventListener: (...args) => this.target.addEventListener(...args),
      removeEventListener: (...args) => this.target.removeEventListener(...args),
      fetch: async (...args) => {
        this.fetched.push(args);
        return this.answer(...args);
      },
      ...more,
    };
  }

  // The element of {% oidc_expired %}, or one template of each kind, the same object each time.
  template(selector) {
    if (selector === "[data-oidc-expired]") return this.expired;
    this.templates ??= new Map();
    const what = selector.match(/data-oidc-notice="([a-z-]+)"/)[1];
    const cloneNode = () => new FakeElement(this.body, { what });
    if (!this.templates.has(what)) this.templates.set(what, { content: { firstElementChild: { cloneNode } } });
    return this.templates.get(what);
  }

  get notices() {
    return this.body.children.filter(({ what }) => what).map(({ what }) => what);
  }

  get frames() {
    return this.body.children.filter(({ src }) => src);
  }

  get streams() {
    return this.EventSource.opened;
  }

  fire(target, type, properties = {}) {
    target.dispatchEvent(Object.assign(new Event(type), properties));
    return settled();
  }

  turn(visibilityState) {
    this.document.visibilityState = visibilityState;
    return this.fire(this.document, "visibilitychange");
  }

  receive(data, source, origin) {
    return this.fire(this.target, "message", { data, source, origin });
  }

  runTimer(timer = this.timers[0]) {
    this.timers = this.timers.filter((each) => each !== timer);
    timer.callback();
    return settled();
  }
}
