"use strict";
{
  const { provider, outcome, sessionState } = document.documentElement.dataset;
  parent.postMessage({ oidcSilentLogin: { provider, outcome, sessionState } }, location.origin);
}
