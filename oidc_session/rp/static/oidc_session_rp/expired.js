// Says that the session has expired, without losing the page; and lets nobody look at the page of somebody else.
"use strict";
{
  const { provider, url, person } = document.currentScript.dataset;
  const notice = document.querySelector("[data-oidc-expired]");
  const plainFetch = globalThis.fetch;

  const returnHere = (link) => {
    const login = new URL(link.href);
    login.searchParams.set("next", location.pathname + location.search + location.hash);
    link.href = login.href;
  };
  const show = () => {
    if (!notice?.hidden) return;
    notice.hidden = false; // First: what comes into an element with role=status after that is read out.
    notice.append(notice.querySelector("template").content.cloneNode(true));
    const link = notice.querySelector("a");
    returnHere(link);
    link.addEventListener("click", () => returnHere(link)); // The page's address may have changed since.
  };
  const hide = () => {
    if (!notice || notice.hidden) return;
    notice.replaceChildren(notice.querySelector("template"));
    notice.hidden = true;
  };

  const errorOf = async (answer) => (await answer.json().catch(() => null))?.error;
  const note = async (answer) => {
    const isOurs = answer.status === 401 && new URL(answer.url).origin === location.origin;
    if (isOurs && (await errorOf(answer.clone())) === "session_expired") show();
  };
  globalThis.fetch = async (...args) => {
    const answer = await plainFetch(...args);
    note(answer).catch(() => {});
    return answer;
  };
  document.addEventListener("oidc-expired", show);

  const cover = (isCovered) => (document.documentElement.style.visibility = isCovered ? "hidden" : "");
  const leave = () => {
    cover(true);
    location.reload();
  };
  const standing = async () => {
    const answer = await plainFetch(url, { cache: "no-store" });
    if (!answer.ok) return errorOf(answer);
    return (await answer.json()).person === person ? "same" : "other_person";
  };
  const say = (found) => {
    if (found === "same") hide();
    if (found === "session_expired") show();
    return found;
  };
  const look = async () => say(await standing().catch(() => "unknown")); // Offline: nothing is known.
  const lookAgain = async () => (await look()) === "other_person" && leave();
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && lookAgain());
  document.addEventListener("oidc-session", ({ detail }) => {
    if (detail.provider === provider && detail.state !== "anonymous") look(); // The watch says that others are there.
  });

  // A page that the browser keeps for its back button is kept covered, and shown to the same person only.
  addEventListener("pagehide", ({ persisted }) => persisted && cover(true));
  addEventListener("pageshow", async ({ persisted }) => {
    if (!persisted) return;
    const found = await standing().catch(() => "unknown");
    if (found !== "same") return leave();
    hide();
    cover(false);
  });
}
