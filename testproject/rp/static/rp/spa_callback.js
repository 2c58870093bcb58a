// Where the provider answers spa.js: in the page itself, or in the hidden frame of a silent request.
"use strict";
{
  const page = document.getElementById("spa");
  const { authority, clientId, scope, callbackUrl, returnUrl } = page.dataset;
  const callback = new URL(callbackUrl, location.href).href;
  const manager = new oidc.UserManager({ authority, client_id: clientId, scope, redirect_uri: callback });

  const finish = async () => {
    const user = await manager.signinCallback(); // In a frame it hands the answer to the page around.
    if (user) location.replace(returnUrl);
  };

  finish().catch((error) => {
    page.textContent = `Signing in did not work: ${error.message}`;
  });
}
