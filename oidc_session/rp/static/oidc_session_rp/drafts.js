// Keeps what a person types into fields with data-oidc-draft, and gives it back to that person alone.
"use strict";
{
  const { url, person, lifetime } = document.currentScript.dataset;
  const PAUSE = 1000; // Milliseconds without a key before a draft is saved.
  const BODY_OF_A_PAGE_THAT_CLOSES = 60000; // Bytes; Fetch, "keepalive", takes 64 KiB.
  const MARK = "oidc_draft ";
  const NO_DRAFTS = ["password", "hidden", "file", "checkbox", "radio"];
  const page = location.pathname + location.search;
  const ids = new Map(); // By field: the draft that is in it.
  const pauses = new Map();
  const submitted = new Set(); // Ids that went off with a form, whatever became of it.
  let token = "";
  let queue = Promise.resolve();

  const newId = () =>
    Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const fields = () =>
    [...document.querySelectorAll("[data-oidc-draft]")].filter(({ type }) => !NO_DRAFTS.includes(type));
  const keepFromHistory = (field) => (field.autocomplete = "off"); // Or the browser's back button gives it to anybody.
  const nameOf = (field) => field.dataset.oidcDraft || field.name;

  // What is not on the server yet stays with the tab: sessionStorage outlives the way to the provider, and nothing else.
  const store = () => {
    try {
      return globalThis.sessionStorage;
    } catch {
      return undefined; // Blocked.
    }
  };
  const keyOf = (name) => MARK + JSON.stringify([person, page, name]);
  const read = (key) => JSON.parse(store()?.getItem(key) ?? "null");
  const write = (name, draft) => {
    try {
      store()?.setItem(keyOf(name), JSON.stringify(draft));
    } catch {
      // It is full; the server is next.
    }
  };
  const forget = (name) => store()?.removeItem(keyOf(name));
  const forgetOthers = () => {
    const keys = Object.keys(store() ?? {}).filter((key) => key.startsWith(MARK));
    for (const key of keys) {
      const [whose] = JSON.parse(key.slice(MARK.length));
      if (whose !== person || read(key).at < Date.now() - lifetime * 1000) store().removeItem(key);
    }
  };

  const unsent = new Map(); // By field: the same, where there is no sessionStorage.
  const note = (name, text) => {
    if (!ids.has(name) || submitted.has(ids.get(name))) ids.set(name, newId());
    unsent.set(name, { text, id: ids.get(name), at: Date.now() });
    write(name, unsent.get(name));
  };

  const post = (name, { text, id, at }, options) => {
    const body = new URLSearchParams({ page, field: name, text, id, at, person, csrfmiddlewaretoken: token });
    return fetch(url, { method: "POST", body, ...options });
  };
  const ask = (...query) => fetch(`${url}?${new URLSearchParams([["page", page], ...query])}`, { cache: "no-store" });
  const newToken = async () => {
    const answer = await ask();
    if (answer.ok) token = (await answer.json()).csrf_token;
    return answer.ok;
  };

  const saved = async (name, draft, answer) => {
    const { expired, submitted: isSubmitted } = await answer.json();
    if (expired) document.dispatchEvent(new CustomEvent("oidc-expired"));
    if (unsent.get(name) !== draft) return;
    if (isSubmitted && !submitted.has(draft.id)) {
      ids.delete(name); // Another tab has sent this draft in; here it went on.
      note(name, draft.text);
      later(name);
    } else {
      unsent.delete(name);
      forget(name);
    }
  };
  const save = async (name, again = true) => {
    const draft = unsent.get(name);
    if (!draft) return;
    const answer = await post(name, draft);
    if (answer.ok) await saved(name, draft, answer);
    else if (answer.status === 403 && again && (await newToken())) await save(name, false); // Logins change the token.
  };
  const later = (name) => {
    clearTimeout(pauses.get(name));
    const next = () => (queue = queue.then(() => save(name)).catch(() => {})); // Offline: it stays with the tab.
    pauses.set(name, setTimeout(next, PAUSE));
  };

  const restore = (field, draft) => {
    ids.set(nameOf(field), draft.id);
    if (field.value.trim()) return;
    field.value = draft.text;
    field.dispatchEvent(new CustomEvent("oidc-draft-restored", { bubbles: true }));
  };
  const restoreAll = async () => {
    const kept = new Map(fields().map((field) => [nameOf(field), read(keyOf(nameOf(field)))]));
    const asked = [...kept.keys()].map((name) => ["field", name]);
    const known = [...kept.values()].filter(Boolean).map(({ id }) => ["id", id]);
    const answer = await ask(...asked, ...known);
    const found = answer.ok ? await answer.json() : {};
    if (found.person !== person) return;
    token = found.csrf_token;
    for (const field of fields()) {
      const name = nameOf(field);
      const draft = kept.get(name);
      if (unsent.has(name)) continue; // The person was faster.
      const isOver = draft && (found.submitted.includes(draft.id) || draft.at < found.drafts[name]?.at);
      if (isOver) forget(name);
      else if (draft) unsent.set(name, draft), later(name);
      const latest = unsent.get(name) ?? found.drafts[name];
      if (latest) restore(field, latest);
    }
  };

  document.addEventListener("input", ({ target }) => {
    if (!fields().includes(target)) return;
    keepFromHistory(target);
    note(nameOf(target), target.value);
    later(nameOf(target));
  });
  document.addEventListener("formdata", ({ target, formData }) => {
    const own = fields().filter((field) => field.form === target && ids.has(nameOf(field)));
    if (!own.length) return;
    const drafts = Object.fromEntries(own.map((field) => [nameOf(field), ids.get(nameOf(field))]));
    Object.values(drafts).forEach((id) => submitted.add(id));
    formData.append("oidc_draft", JSON.stringify({ page, drafts }));
  });
  addEventListener("pagehide", () => {
    for (const [name, draft] of unsent) {
      const keepalive = encodeURIComponent(draft.text).length < BODY_OF_A_PAGE_THAT_CLOSES;
      post(name, draft, { keepalive }).catch(() => {});
    }
  });
  fields().forEach(keepFromHistory);
  forgetOthers();
  restoreAll().catch(() => {});
}
