// OpenID Connect Session Management 1.0, "RP iframe": asks the provider's iframe whether the session_state still holds.
"use strict";
{
  const { provider, checkSessionUrl, silentLoginUrl, interval, sessionState } = document.currentScript.dataset;
  const PATIENCE = 15_000;
  const LONGEST = 600_000;
  const WORDS = ["unchanged", "changed", "error"];
  const name = `oidc_session_rp:${provider}:session_state`;
  const channel = globalThis.BroadcastChannel && new BroadcastChannel(name);
  let held = sessionState;
  let asked = held; // What the provider's iframe was asked last; a late answer is about one that is not held any more.
  let changes = 0; // Since the last "unchanged": a provider that says nothing else is asked less and less.
  let deafUntil = 0;
  let renewing = false;
  let askAtOnce = () => {}; // Until the provider's iframe is there.

  const hiddenFrame = (src) => {
    const frame = document.createElement("iframe");
    frame.hidden = true;
    frame.src = src;
    document.body.append(frame);
    return frame;
  };

  const hold = (told) => {
    held = told;
    deafUntil = 0;
    askAtOnce();
  };

  const silentLogin = () =>
    new Promise((resolve) => {
      const frame = hiddenFrame(silentLoginUrl);
      const end = (told) => {
        removeEventListener("message", hear);
        frame.remove();
        resolve(told);
      };
      const hear = ({ data, origin, source }) => {
        const ours = source === frame.contentWindow && origin === location.origin;
        if (ours && data?.oidcSilentLogin?.provider === provider) end(data.oidcSilentLogin);
      };
      addEventListener("message", hear);
      setTimeout(() => end({ outcome: "failed" }), PATIENCE);
    });

  const tell = (saw) => document.dispatchEvent(new CustomEvent("oidc-session-state", { detail: { provider, saw } }));

  const renewAlone = async (before) => {
    if (held !== before) return; // Another page has done it.
    const told = await silentLogin();
    tell(told.outcome);
    if (told.outcome === "failed" && !told.sessionState) return;
    held = told.sessionState;
    channel?.postMessage(held);
  };

  const renew = async () => {
    renewing = true;
    const before = held;
    const locks = navigator.locks ?? { request: (_, callback) => callback() };
    await locks.request(name, () => renewAlone(before));
    renewing = false;
    askAtOnce();
    document.dispatchEvent(new CustomEvent("oidc-session-ask", { detail: { provider } }));
  };

  const hearChanged = async () => {
    await renew();
    changes += 1;
    if (changes > 1) deafUntil = Date.now() + Math.min(interval * 1000 * 2 ** changes, LONGEST);
  };

  const hear = (word) => {
    if (renewing || asked !== held || Date.now() < deafUntil || !WORDS.includes(word)) return undefined;
    tell(word);
    if (word === "unchanged") changes = 0;
    return word === "changed" ? hearChanged() : undefined;
  };

  const watch = async () => {
    const answer = await fetch(checkSessionUrl);
    const { check_session_iframe: address, client_id: clientId } = await answer.json();
    if (!address) return tell("unavailable");
    if (!held) await renew();
    const { origin } = new URL(address);
    const frame = hiddenFrame(address);
    const ask = () => {
      const may = held && !renewing && document.visibilityState === "visible" && Date.now() >= deafUntil;
      if (!may) return;
      asked = held;
      frame.contentWindow.postMessage(`${clientId} ${held}`, origin);
    };
    addEventListener("message", (event) => {
      if (event.source === frame.contentWindow && event.origin === origin) return hear(event.data);
    });
    frame.addEventListener("load", () => (askAtOnce = ask)());
    setInterval(ask, interval * 1000);
  };

  channel?.addEventListener("message", ({ data }) => hold(data));
  watch().catch(() => tell("unavailable")); // Without the iframe, the other ways remain.
}
