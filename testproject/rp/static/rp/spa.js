// A single-page relying party: oidc-client-ts does the protocol.
"use strict";
{
  const { authority, clientId, scope, callbackUrl } = document.getElementById("spa").dataset;
  const callback = new URL(callbackUrl, location.href).href;
  const manager = new oidc.UserManager({
    authority,
    client_id: clientId,
    scope,
    redirect_uri: callback,
    silent_redirect_uri: callback,
    post_logout_redirect_uri: location.origin + location.pathname,
    monitorSession: true,
    monitorAnonymousSession: true,
    checkSessionIntervalInSeconds: 2,
    automaticSilentRenew: false,
  });
  const byId = (id) => document.getElementById(id);

  const log = (text) => {
    const entry = document.createElement("li");
    const time = document.createElement("time");
    time.textContent = new Date().toISOString().slice(11, 19);
    entry.append(time, text);
    document.querySelector(".log").prepend(entry);
  };

  const show = (user) => {
    const { name, email } = user?.profile ?? {};
    byId("name").textContent = name ?? "You are not signed in";
    byId("email").textContent = email ?? "Everything on this page happens in the browser.";
    byId("initial").textContent = name?.[0] ?? "?";
    byId("initial").classList.toggle("nobody", !user);
    byId("sign-in").hidden = Boolean(user);
    byId("sign-out").hidden = !user;
  };

  const signedOut = async () => {
    log("userSignedOut");
    document.querySelector("main").prepend(byId("signed-out").content.cloneNode(true));
    await manager.removeUser();
  };

  manager.events.addUserLoaded((user) => (log("userLoaded"), show(user)));
  manager.events.addUserUnloaded(() => (log("userUnloaded"), show(null)));
  manager.events.addUserSessionChanged(() => log("userSessionChanged"));
  manager.events.addUserSignedIn(() => log("userSignedIn: somebody signed in at the provider"));
  manager.events.addUserSignedOut(signedOut);
  byId("sign-in").addEventListener("click", () => manager.signinRedirect());
  byId("sign-out").addEventListener("click", () => manager.signoutRedirect());
  manager.getUser().then((user) => (log(user ? "Signed in, watching" : "Signed out, watching"), show(user)));
}
