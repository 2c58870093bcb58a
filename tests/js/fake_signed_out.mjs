// A signed-out page small enough to read, in which the shipped frontchannel_logout.js runs.
import { readFileSync } from "node:fs";
import { createContext, runInContext } from "node:vm";

const PATH = new URL("../../oidc_session/static/oidc_session/frontchannel_logout.js", import.meta.url);
const SCRIPT = readFileSync(PATH, "utf8");

class Frame extends EventTarget {
  constructor(page, dataset, srcdoc) {
    super();
    Object.assign(this, { page, dataset, srcdoc });
  }

  cloneNode() {
    return new Frame(this.page, this.dataset, this.srcdoc);
  }

  removeAttribute(name) {
    delete this[name];
  }

  replaceWith(frame) {
    this.page.frames[this.page.frames.indexOf(this)] = frame;
  }

  load() {
    this.dispatchEvent(new Event("load"));
  }
}

class Entry {
  texts = ["asking", "asked", "late"].map((when) => ({ dataset: { when }, hidden: when !== "asking" }));

  constructor(state) {
    this.dataset = { state };
  }

  querySelectorAll() {
    return this.texts;
  }

  // What a person reads there.
  get reads() {
    return this.texts.filter(({ hidden }) => !hidden).map(({ dataset }) => dataset.when);
  }
}

export class FakeSignedOut {
  target = new EventTarget();
  went = [];
  timers = [];
  notice = { hidden: true };

  // Each of the frames by the entry that it belongs to; null is a frame that belongs to none.
  constructor({ frames = ["a"], others = [], next = "https://rp.example/bye", limit = "5.0", hasNotice = true } = {}) {
    this.documentElement = { dataset: { limit, ...(next && { next }) } };
    this.frames = frames.map((of) => this.frameOf(of));
    this.placeholders = [...this.frames];
    this.entries = Object.fromEntries(frames.filter(Boolean).map((of) => [of, new Entry("asking")]));
    for (const state of others) this.entries[state] = new Entry(state);
    if (!hasNotice) this.notice = null;
    runInContext(SCRIPT, createContext({
      document: this,
      location: { replace: (url) => this.went.push(url) },
      setTimeout: (callback, delay) => this.timers.push({ callback, delay }),
      addEventListener: (...args) => this.target.addEventListener(...args),
    }));
  }

  frameOf(of) {
    return new Frame(this, { src: `https://${of}.example/out`, ...(of && { of }) }, "a document");
  }

  getElementById(id) {
    return id === "unknown" ? this.notice : (this.entries[id] ?? null);
  }

  querySelectorAll() {
    return [...this.frames];
  }

  querySelector() {
    return Object.values(this.entries).find(({ dataset }) => ["late", "unknown"].includes(dataset.state)) ?? null;
  }

  state(id) {
    return this.entries[id].dataset.state;
  }

  load() {
    this.target.dispatchEvent(new Event("load"));
  }

  reachLimit() {
    for (const { callback } of this.timers) callback();
  }
}
