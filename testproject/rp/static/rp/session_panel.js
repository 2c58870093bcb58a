// Shows what {% oidc_watch %} sees of this session, and of the provider's iframe.
"use strict";
{
  const panel = document.getElementById("session-watch");
  const person = panel.dataset.sub; // For whom the page was made; empty for nobody.
  let [isSignedIn, silentLogins] = [Boolean(person), 0];

  const log = (text) => {
    const entry = document.createElement("li");
    const time = document.createElement("time");
    time.textContent = new Date().toISOString().slice(11, 19); // UTC, as the rest of the page.
    entry.append(time, text);
    panel.querySelector(".log").prepend(entry);
  };

  const show = (watch, text) => {
    const state = panel.querySelector(".state");
    panel.dataset.watch = watch;
    if (state.textContent === text) return;
    state.textContent = text;
    log(text);
  };

  const countSilentLogin = (text) => {
    panel.dataset.silentCount = ++silentLogins;
    panel.querySelector("[data-silent-count-text]").textContent = silentLogins;
    log(text);
  };

  const SEEN = {
    unchanged: () => show("unchanged", isSignedIn ? "Unchanged" : "Signed out, watching"),
    changed: () => show("checking", "Changed → checking"),
    error: () => show("error", "Error: this browser blocks the provider's cookies in frames, so changes can't be seen"),
    unavailable: () => show("failed", "The provider has no frame for this, or can't be reached"),
    signed_in: () => countSilentLogin("The provider vouches for somebody"),
    signed_out: () => countSilentLogin("The provider vouches for nobody"),
    failed: () => countSilentLogin("A silent login failed"),
  };

  document.addEventListener("oidc-session-state", ({ detail }) => SEEN[detail.saw]());
  document.addEventListener("oidc-session", ({ detail: { state, sub } }) => {
    isSignedIn = state === "active" && (sub === person || !person);
    panel.dataset.sub = isSignedIn ? sub : "";
    log(`The session here is ${state}`);
    if (person) document.documentElement.dataset.session = isSignedIn ? "active" : "ended";
    document.getElementById("offer")?.toggleAttribute("hidden", Boolean(person) || !isSignedIn);
  });
}
