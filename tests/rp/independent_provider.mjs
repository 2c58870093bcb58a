// An OpenID Provider that nobody here has written: oidc-provider, at a socket that is open already.
//
//     node tests/rp/independent_provider.mjs FILE_DESCRIPTOR ISSUER CLIENTS_AS_JSON
//
// Each process has keys of its own, and no memory of the one before. Whoever types a name is that person.
import { generateKeyPairSync, randomUUID } from "node:crypto";

import { Provider } from "oidc-provider";

const [descriptor, issuer, clients] = process.argv.slice(2);

const newKey = (type, options) => generateKeyPairSync(type, options).privateKey.export({ format: "jwk" });

const groupsOf = (person) => {
  const more = person === "popular" ? 200 : 1;
  return ["staff", ...Array.from({ length: more }, (_, number) => `friends of ${person} ${number + 1}`)];
};

const findAccount = (ctx, person) => ({
  accountId: person,
  claims: () => ({ sub: person, groups: groupsOf(person) }),
});

const provider = new Provider(issuer, {
  clients: JSON.parse(clients),
  jwks: { keys: [newKey("rsa", { modulusLength: 2048 }), newKey("ec", { namedCurve: "P-256" })] },
  cookies: { keys: [randomUUID()] },
  enabledJWA: { idTokenSigningAlgValues: ["RS256", "PS256", "ES256"] },
  claims: { openid: ["sub", "groups"] },
  findAccount,
  pkce: { required: () => true },
  rotateRefreshToken: true,
  features: {
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: { enabled: true },
    claimsParameter: { enabled: true },
  },
});

for (const event of ["server_error", "backchannel.error"]) {
  provider.on(event, (ctx, error) => console.error("Trouble:", event, error));
}
provider.listen({ fd: Number(descriptor) });
