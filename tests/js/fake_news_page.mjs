// A signed-out page with applications that are being told, in which the shipped signed_out_news.js runs.
import { readFileSync } from "node:fs";
import { createContext, runInContext } from "node:vm";

const PATH = new URL("../../oidc_session/static/oidc_session/signed_out_news.js", import.meta.url);
const SCRIPT = readFileSync(PATH, "utf8");

class Entry {
  constructor(client, state) {
    this.dataset = { client, state };
    this.childNodes = [`${client} ${state}`];
  }

  replaceChildren(...nodes) {
    this.childNodes = nodes;
  }
}

class Heading {
  constructor(text) {
    this.childNodes = [text];
  }

  get textContent() {
    return this.childNodes.join("");
  }

  replaceChildren(...nodes) {
    this.childNodes = nodes;
  }
}

class Page {
  constructor(states, news, heading = "Signing you out") {
    this.heading = heading && new Heading(heading);
    this.documentElement = { dataset: news ? { news } : {} };
    this.entries = Object.entries(states).map(([client, state]) => new Entry(client, state));
  }

  querySelectorAll(selector) {
    return this.entries.filter(({ dataset }) => selector === "[data-client]" || dataset.state === "being-told");
  }

  querySelector() {
    return this.entries.find(({ dataset }) => ["late", "unknown"].includes(dataset.state)) ?? null;
  }

  getElementById(id) {
    return id === "heading" ? this.heading : this.notice;
  }

  get states() {
    return Object.fromEntries(this.entries.map(({ dataset }) => [dataset.client, dataset.state]));
  }
}

export const answer = (states, news, heading) => ({
  ok: true,
  redirected: false,
  text: async () => new Page(states, news, heading),
});

export class NewsPage extends Page {
  asked = [];
  timers = [];
  notice = { hidden: true };

  constructor({ states = { a: "being-told" }, news = "/o/signed-out/x/", hasNotice = true, heading } = {}) {
    super(states, news, heading);
    if (!hasNotice) this.notice = null;
    runInContext(SCRIPT, createContext({
      document: this,
      fetch: (url) => {
        this.asked.push(url);
        return this.answer instanceof Error ? Promise.reject(this.answer) : Promise.resolve(this.answer);
      },
      DOMParser: class {
        parseFromString = (page) => page;
      },
      setTimeout: (callback, delay) => this.timers.push({ callback, delay }),
    }));
  }

  // Let the time come, and the server answer.
  async hear(answer) {
    this.answer = answer;
    await this.timers.shift().callback();
  }
}
