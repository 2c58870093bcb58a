// The relying party's side of OpenID Connect Session Management 1.0, "RP iframe".
"use strict";
{
  const POLL_EVERY = 2000;
  const GIVE_UP_AFTER = 10_000;
  const MOST_IN_A_ROW = 3; // Silent authentications without one "unchanged" between them.
  const BLOCKED = "Error: this browser blocks the provider's cookies in frames, so changes can't be seen";

  const panel = document.getElementById("session-watch");
  const { checkSessionIframe, clientId, silentUrl, statusUrl } = panel.dataset;
  const channel = new BroadcastChannel("session_watch");
  let { sessionState, sub: person } = panel.dataset; // Empty where nobody is signed in here.
  let timer;
  let silentCount = 0;
  let inARow = 0;

  const log = (text) => {
    const entry = document.createElement("li");
    const time = document.createElement("time");
    time.textContent = new Date().toISOString().slice(11, 19); // UTC, as the rest of the page.
    entry.append(time, text);
    panel.querySelector(".log").prepend(entry);
  };

  const show = (watch, text) => {
    const state = panel.querySelector(".state");
    if (state.textContent === text) return;
    panel.dataset.watch = watch;
    state.textContent = text;
    log(text);
  };

  const hiddenFrame = (src) => {
    const frame = document.createElement("iframe");
    frame.hidden = true;
    frame.src = src;
    document.body.append(frame);
    return frame;
  };

  const askSilently = () =>
    new Promise((resolve) => {
      const frame = hiddenFrame(silentUrl);
      const finish = (told) => {
        clearTimeout(limit);
        removeEventListener("message", hear);
        frame.remove();
        resolve(told);
      };
      const hear = ({ data, origin, source }) => {
        if (origin === location.origin && source === frame.contentWindow && data?.outcome) finish(data);
      };
      const unanswered = { outcome: "failed", reason: "The provider did not answer." };
      const limit = setTimeout(finish, GIVE_UP_AFTER, unanswered);
      addEventListener("message", hear);
    });

  const offer = (name) => {
    const element = document.getElementById("offer");
    if (!element) return;
    element.hidden = !name;
    element.querySelector("strong").textContent = name;
  };

  const signedOut = () => {
    if (!person) return;
    person = panel.dataset.sub = "";
    document.documentElement.dataset.session = "ended";
    document.querySelector("main").prepend(document.getElementById("signed-out").content.cloneNode(true));
    log("Signed out");
    channel.postMessage("look");
  };

  const giveUp = (reason) => show("failed", `Stopped watching. ${reason}`);

  const stop = () => {
    clearInterval(timer);
    timer = undefined;
  };

  const watch = () => {
    stop();
    const ask = () => opFrame.contentWindow.postMessage(`${clientId} ${sessionState}`, opOrigin);
    ask();
    timer = setInterval(ask, POLL_EVERY);
  };

  const authenticate = async () => {
    stop();
    panel.dataset.silentCount = ++silentCount;
    panel.querySelector("[data-silent-count-text]").textContent = silentCount;
    const told = await askSilently();
    if (told.outcome === "failed") return giveUp(told.reason);
    log(told.outcome === "person" ? `The provider knows ${told.name}` : "The provider vouches for nobody");
    if (told.sub !== person) signedOut();
    if (!person) offer(told.name);
    sessionState = told.sessionState;
    if (!sessionState) return giveUp("The provider sends no session_state.");
    watch();
  };

  const answers = {
    unchanged: () => {
      inARow = 0;
      show("unchanged", person ? "Unchanged" : "Signed out, watching");
    },
    changed: () => {
      stop();
      if (++inARow > MOST_IN_A_ROW) return giveUp("The provider's answers don't agree.");
      show("checking", "Changed → checking");
      authenticate();
    },
    error: () => show("error", BLOCKED), // Never a reason to authenticate.
  };

  const opOrigin = new URL(checkSessionIframe).origin;
  const opFrame = hiddenFrame(checkSessionIframe);
  opFrame.id = "op-frame";
  addEventListener("message", ({ data, origin, source }) => {
    if (timer && origin === opOrigin && source === opFrame.contentWindow) answers[data]?.();
  });
  opFrame.addEventListener("load", () => (sessionState ? watch() : authenticate()), { once: true });

  channel.addEventListener("message", async () => {
    const response = await fetch(statusUrl).catch(() => undefined);
    if (!response?.ok) return;
    const { demo } = await response.json();
    if (person && demo.sub !== person) signedOut();
    if (!person && demo.sub) offer("the one who signed in in another tab");
  });
  channel.postMessage("look");
}
