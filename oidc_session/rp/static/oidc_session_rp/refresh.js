// Refreshes the session of an open page before its access token expires: one page of a browser for all.
"use strict";
{
  const { provider, refreshUrl, expiresIn, ahead, csrfCookie, csrfToken } = document.currentScript.dataset;
  const LONGEST = 2 ** 31 - 1; // Of a timer, in milliseconds.
  const AGAIN = 30_000;
  const name = `oidc_session_rp:${provider}:refresh`;
  const channel = globalThis.BroadcastChannel && new BroadcastChannel(name);
  let expiresAt = Date.now() + expiresIn * 1000; // By this browser's clock.
  let [dueAt, timer] = [0, undefined];

  const visible = () => document.visibilityState === "visible";
  const wait = (until) => {
    dueAt = until;
    clearTimeout(timer);
    timer = setTimeout(refreshInTurn, Math.min(Math.max(dueAt - Date.now(), 0), LONGEST));
  };
  const schedule = (expiry) => {
    expiresAt = expiry;
    const left = expiresAt - Date.now();
    wait(expiresAt - Math.min(ahead * 1000, left / 4));
  };

  const token = () => {
    const cookie = document.cookie.split("; ").find((pair) => pair.startsWith(`${csrfCookie}=`));
    return cookie ? cookie.slice(csrfCookie.length + 1) : csrfToken; // A login in another tab has changed it.
  };

  const askWatch = () => document.dispatchEvent(new CustomEvent("oidc-session-ask", { detail: { provider } }));

  const refresh = async () => {
    const headers = { "Accept": "application/json", "X-CSRFToken": token() };
    const answer = await fetch(refreshUrl, { method: "POST", headers }).catch(() => ({ status: 503 }));
    if (answer.status === 503) return wait(Date.now() + AGAIN);
    if (answer.status !== 200) return askWatch();
    const { expires_at: expiry } = await answer.json();
    const now = Date.parse(answer.headers.get("Date")) || Date.now(); // The server's clock.
    schedule(Date.now() + Math.max(expiry * 1000 - now, 1000));
    channel?.postMessage(expiresAt);
  };

  const refreshInTurn = async () => {
    const before = expiresAt;
    const locks = navigator.locks ?? { request: (_, callback) => callback() };
    if (visible()) await locks.request(name, () => (expiresAt === before ? refresh() : undefined));
  };

  channel?.addEventListener("message", ({ data }) => schedule(data));
  document.addEventListener("visibilitychange", () => visible() && wait(dueAt));
  schedule(expiresAt);
}
