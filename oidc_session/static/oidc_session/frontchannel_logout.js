// OpenID Connect Front-Channel Logout 1.0: goes on when every frame has loaded, and when the limit is over.
"use strict";
{
  const { next, limit } = document.documentElement.dataset;
  const notice = document.getElementById("unknown");
  const asking = new Set();
  let isDone = false;

  const report = (frame, state) => {
    const entry = document.getElementById(frame.dataset.of);
    if (!entry) return;
    entry.dataset.state = state;
    for (const text of entry.querySelectorAll("[data-when]")) text.hidden = text.dataset.when !== state;
    if (notice) notice.hidden = !document.querySelector("[data-state=late], [data-state=unknown]");
  };

  const goOn = () => {
    if (isDone) return; // A second time would begin anew what is under way, or open a native application twice.
    isDone = true;
    if (next) location.replace(next); // Back shall not come back here.
  };

  const finish = (frame) => {
    asking.delete(frame);
    report(frame, "asked");
    if (!asking.size) goOn();
  };

  // The frames of the page wait a second, for where no script runs. One that asks at once takes the place of each.
  const ask = (waiting) => {
    const frame = waiting.cloneNode();
    frame.removeAttribute("srcdoc");
    frame.src = frame.dataset.src;
    frame.addEventListener("load", () => finish(frame));
    asking.add(frame);
    waiting.replaceWith(frame);
  };

  document.querySelectorAll("iframe[data-src]").forEach(ask);
  addEventListener("load", () => asking.forEach(finish)); // A frame has no such event with an empty answer (204).
  setTimeout(() => {
    for (const frame of asking) report(frame, "late");
    goOn();
  }, limit * 1000);
}
