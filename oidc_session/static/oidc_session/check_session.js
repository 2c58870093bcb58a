// OpenID Connect Session Management 1.0, "OP iframe": tells the pages that ask whether their session_state still holds.
"use strict";
{
  const { cookieName, statusUrl, statusInterval } = document.documentElement.dataset;
  const WORDS = ["unchanged", "changed", "error"];
  const QUESTION = /^(.+) (?:([0-9a-f]{64})\.([\w-]+))?$/s;
  const asked = new Map(); // By window: what it asked last, of which state, and the answer to come.
  let seen = false;

  const browserState = () => {
    try {
      const state = `; ${document.cookie}`.split(`; ${cookieName}=`)[1]?.split("; ")[0];
      seen ||= state !== undefined;
      return state;
    } catch {
      return undefined; // A sandboxed frame may not look.
    }
  };

  const encoder = new TextEncoder();
  const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const sha256 = async (text) => {
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(text)));
    return digest.toHex?.() ?? hex(digest); // The first is faster, and new.
  };

  const mayLook = async (origin) => {
    const { protocol, hostname } = globalThis.location ?? {};
    if (protocol === "http:" && !`${origin}:`.startsWith(`http://${hostname}:`)) return false; // A Lax cookie there.
    return document.hasStorageAccess?.();
  };

  const compare = async (message, origin, state) => {
    const [, clientId, hash, salt] = message.match(QUESTION) ?? [];
    if (!clientId) return "error";
    if (!hash) return "changed"; // Always: any other answer would tell whether somebody is signed in.
    if (state === undefined) return seen || (await mayLook(origin)) ? "changed" : "error";
    return hash === (await sha256(`${clientId} ${origin} ${state} ${salt}`)) ? "unchanged" : "changed";
  };

  const answer = (source, message, origin) => {
    const state = browserState();
    const last = asked.get(source);
    const known = state && last?.state === state && last.message === message && last.origin === origin;
    if (known) return last.given;
    const given = compare(message, origin, state).catch(() => "error"); // No Web Crypto without https.
    asked.set(source, { message, origin, state, given });
    return given;
  };

  const tellOfChange = async () => {
    for (const [source, last] of asked) {
      if (source.closed) asked.delete(source);
      if ((await last.given) !== "unchanged" || asked.get(source) !== last) continue; // Told by now, or about to be.
      if ((await answer(source, last.message, last.origin)) === "changed") source.postMessage("changed", last.origin);
    }
  };

  addEventListener("message", async ({ data, origin, source }) => {
    if (typeof data !== "string" || WORDS.includes(data) || source === window || origin === "null") return;
    source?.postMessage(await answer(source, data, origin), origin);
  });
  globalThis.cookieStore?.addEventListener("change", tellOfChange);

  // The server may have ended the session: one visible page of the browser asks now and then.
  const pause = () => new Promise((resume) => setTimeout(resume, statusInterval * (900 + 200 * Math.random())));
  const visible = () => document.visibilityState === "visible";
  const askServer = async () => {
    while (visible()) {
      await pause();
      if (visible()) await fetch(statusUrl, { cache: "no-store" }).then(tellOfChange, () => {});
    }
  };
  const watchServer = () => visible() && navigator.locks.request("oidc_session", askServer).catch(() => {});
  if (statusUrl && navigator.locks) {
    document.addEventListener("visibilitychange", watchServer);
    watchServer();
  }
}
