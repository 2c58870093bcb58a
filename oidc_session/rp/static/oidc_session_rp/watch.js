// Watches the session of an open page, and says on the page when it is over; the page stays, and what was typed.
"use strict";
{
  const { provider, state, sub, statusUrl, eventsUrl, poll } = document.currentScript.dataset;
  const CLOSED = 2; // EventSource.CLOSED
  const name = `oidc_session_rp:${provider}`;
  const channel = globalThis.BroadcastChannel && new BroadcastChannel(name);
  const page = sub || null; // For whom the page was made.
  const saysExpired = Boolean(document.querySelector("[data-oidc-expired]")); // By {% oidc_expired %}.
  let known = { state, sub: page };
  let notice; // What is said on the page: its template, and the element.
  let [asked, answered] = [0, 0];
  let leading = false;

  const visible = () => document.visibilityState === "visible";
  const pause = (seconds) => new Promise((resume) => setTimeout(resume, seconds * (900 + 200 * Math.random())));
  const differs = (told) => told.state !== known.state || told.sub !== known.sub;

  const wanted = () => {
    if (!page || (known.sub === page && known.state === "active")) return undefined;
    const what = known.sub === page && known.state === "expired" ? "expired" : "signed-out";
    if (what === "expired" && saysExpired) return undefined;
    return document.querySelector(`template[data-oidc-notice="${what}"][data-oidc-provider="${provider}"]`);
  };

  const show = () => {
    const template = wanted();
    if (notice?.template === template) return;
    notice?.element.remove();
    const element = template?.content.firstElementChild.cloneNode(true);
    notice = element && { template, element };
    if (element) document.body.append(element);
  };

  const learn = (told) => {
    if (!differs(told)) return;
    known = told;
    show();
    channel?.postMessage(known);
    document.dispatchEvent(new CustomEvent("oidc-session", { detail: { provider, ...known } }));
    lead();
  };

  const ask = async () => {
    asked += 1;
    const mine = asked;
    try {
      const answer = await fetch(statusUrl, { cache: "no-store", headers: { Accept: "application/json" } });
      if (!answer.ok) return;
      const told = (await answer.json())[provider];
      if (mine < answered) return; // A later question has its answer.
      answered = mine;
      learn({ state: told.state, sub: told.sub });
    } catch {
      // Nobody is signed out for a hiccup.
    }
  };

  // Resolves once the stream is over, with whether it had begun.
  const listen = () =>
    new Promise((over) => {
      const source = new EventSource(eventsUrl);
      let opened = false;
      source.addEventListener("open", () => (opened = true));
      for (const type of ["signed-out", "expired", "revived"]) source.addEventListener(type, ask);
      source.addEventListener("error", () => source.readyState === CLOSED && over(opened));
    });

  // One page of a browser listens for all: browsers limit the connections to a site.
  const listenForAll = async () => {
    for (let failures = 0; known.state !== "anonymous"; ) {
      failures = (await listen()) ? 0 : failures + 1;
      await ask();
      await pause(Math.min(2 ** failures, 60));
    }
  };

  const lead = async () => {
    if (leading || !eventsUrl || !globalThis.EventSource || known.state === "anonymous") return;
    leading = true;
    const locks = navigator.locks ?? { request: (_, callback) => callback() };
    await locks.request(name, listenForAll).catch(() => {});
    leading = false;
  };

  const pollForever = async () => {
    for (;;) {
      await pause(Number(poll));
      if (visible()) await ask();
    }
  };

  channel?.addEventListener("message", ({ data }) => differs(data) && ask());
  document.addEventListener("visibilitychange", () => visible() && ask());
  document.addEventListener("oidc-session-ask", ({ detail }) => detail.provider === provider && ask());
  addEventListener("pageshow", ({ persisted }) => persisted && ask());
  channel?.postMessage(known);
  lead();
  if (Number(poll)) pollForever();
}
