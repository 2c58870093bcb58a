// Keeps the page after a logout up to date while applications are being told; the server says for how long.
"use strict";
{
  const EVERY = 2000;
  const MOST = 40; // A server that does not answer is not asked for ever.
  const notice = document.getElementById("unknown");
  const waiting = () => [...document.querySelectorAll('[data-state="being-told"]')];

  const renew = (entry, fresh) => {
    const entries = [...fresh.querySelectorAll("[data-client]")];
    const news = entries.find(({ dataset }) => dataset.client === entry.dataset.client);
    if (!news || news.dataset.state === entry.dataset.state) return;
    entry.dataset.state = news.dataset.state;
    entry.replaceChildren(...news.childNodes);
  };

  const renewHeading = (fresh) => {
    const [old, news] = [document, fresh].map((page) => page.getElementById("heading"));
    if (old && news && old.textContent !== news.textContent) old.replaceChildren(...news.childNodes);
  };

  const ask = async (url) => {
    const response = await fetch(url, { cache: "no-store" }).catch(() => null);
    if (!response) return url; // The network comes back, perhaps.
    if (!response.ok || response.redirected) return "";
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    for (const entry of waiting()) renew(entry, fresh);
    renewHeading(fresh);
    if (notice) notice.hidden = !document.querySelector("[data-state=late], [data-state=unknown]");
    return fresh.documentElement.dataset.news;
  };

  const goOn = (url, left) => {
    if (!url || !left || !waiting().length) return;
    setTimeout(async () => goOn(await ask(url), left - 1), EVERY);
  };

  goOn(document.documentElement.dataset.news, MOST);
}
