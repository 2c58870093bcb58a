// Writes session_state_vectors.json: the hashes are OpenSSL's, the origins those of the WHATWG URL Standard in Node.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";

const OUTPUT = new URL("session_state_vectors.json", import.meta.url);
const SIGNED_IN = "Zk3vXo1yqQk0m7cUuH8bW5tRfLJ2dNaP9eSgTiKxYhM";
const SIGNED_OUT = "pT7wB-4cVn1sD_9kQe2xHj6yLrM0uGfZaOi5XbKdCqE.4Jq0yXH1mV8nRz6wLs-TcB_2fKdPuEgAo3i7UjYxQbS";

const CASES = [
  // name, client_id, redirect_uri, browser_state
  ["https", "client", "https://rp.example/cb", SIGNED_IN],
  ["signed out", "client", "https://rp.example/cb", SIGNED_OUT],
  ["http", "client", "http://rp.example/cb", SIGNED_IN],
  ["no path", "client", "https://rp.example", SIGNED_IN],
  ["default port of https", "client", "https://rp.example:443/cb", SIGNED_IN],
  ["default port of http", "client", "http://rp.example:80/cb", SIGNED_IN],
  ["default port with a leading zero", "client", "https://rp.example:0443/cb", SIGNED_IN],
  ["empty port", "client", "https://rp.example:/cb", SIGNED_IN],
  ["https on the port of http", "client", "https://rp.example:80/cb", SIGNED_IN],
  ["http on the port of https", "client", "http://rp.example:443/cb", SIGNED_IN],
  ["another port", "client", "https://rp.example:8443/cb", SIGNED_IN],
  ["upper case", "client", "HTTPS://RP.Example/CB", SIGNED_IN],
  ["underscore", "client", "https://my_rp.example/cb", SIGNED_IN],
  ["trailing dot", "client", "https://rp.example./cb", SIGNED_IN],
  ["userinfo", "client", "https://user:secret@rp.example/cb", SIGNED_IN],
  ["userinfo with an at sign", "client", "https://user@other.example@rp.example/cb", SIGNED_IN],
  ["path and query", "client", "https://rp.example/a/b/cb?next=https://other.example/&q=1", SIGNED_IN],
  ["query with no path", "client", "https://rp.example?next=/a@b:1", SIGNED_IN],
  ["umlaut", "client", "https://bücher.example/cb", SIGNED_IN],
  ["umlaut in upper case", "client", "https://BÜCHER.example/cb", SIGNED_IN],
  ["umlaut decomposed", "client", "https://bu\u0308cher.example/cb", SIGNED_IN],
  ["umlaut percent-encoded", "client", "https://b%C3%BCcher.example/cb", SIGNED_IN],
  ["umlaut with a port", "client", "https://bücher.example:8443/cb", SIGNED_IN],
  ["umlaut beside an underscore", "client", "https://bücher_x.example/cb", SIGNED_IN],
  ["punycode", "client", "https://XN--BCHER-KVA.example/cb", SIGNED_IN],
  ["sharp s", "client", "https://straße.de/cb", SIGNED_IN],
  ["final sigma", "client", "https://βόλος.example/cb", SIGNED_IN],
  ["final sigma in upper case", "client", "https://rp.ΒΌΛΟΣ/cb", SIGNED_IN],
  ["ideographic full stop", "client", "https://例え。テスト/cb", SIGNED_IN],
  ["full-width letters", "client", "https://ｒｐ.example/cb", SIGNED_IN],
  ["right to left", "client", "https://שלום.example/cb", SIGNED_IN],
  ["emoji", "client", "https://i❤.example/cb", SIGNED_IN],
  ["IPv4", "client", "https://192.0.2.1/cb", SIGNED_IN],
  ["IPv4 with a port", "client", "http://127.0.0.1:8001/cb", SIGNED_IN],
  ["IPv6", "client", "https://[2001:db8::1]/cb", SIGNED_IN],
  ["IPv6 with a port", "client", "http://[::1]:8001/cb", SIGNED_IN],
  ["IPv6 uncompressed", "client", "https://[2001:0DB8:0:0:1:0:0:0]/cb", SIGNED_IN],
  ["IPv6 with one zero group", "client", "https://[1:0:2:3:4:5:6:7]/cb", SIGNED_IN],
  ["IPv6 mapped from IPv4", "client", "https://[::ffff:192.0.2.1]/cb", SIGNED_IN],
  ["IPv6 compatible with IPv4", "client", "https://[::192.0.2.1]/cb", SIGNED_IN],
  ["localhost with a port", "client", "http://localhost:8001/cb", SIGNED_IN],
  ["client id with a space", "my client", "https://rp.example/cb", SIGNED_IN],
  ["client id with spaces at its ends", " my  client ", "https://rp.example/cb", SIGNED_IN],
  ["client id with non-ASCII characters", "Bücher 例 💩", "https://rp.example/cb", SIGNED_IN],
  ["client id like a URL", "https://rp.example/client?id=1#x", "https://rp.example/cb", SIGNED_OUT],
  ["custom scheme", "client", "my.app:/cb", SIGNED_IN],
  ["custom scheme with a host", "client", "com.example.app://cb", SIGNED_IN],
];

const sha256 = (text) => {
  const output = execFileSync("openssl", ["dgst", "-sha256", "-r"], { input: text, encoding: "utf8" });
  return output.split(" ")[0];
};

const vector = ([name, client_id, redirect_uri, browser_state]) => {
  const serialised = new URL(redirect_uri).origin;
  const origin = serialised === "null" ? null : serialised; // Opaque: HTML, "Serialization of an origin".
  const salt = Buffer.from(sha256(name), "hex").toString("base64url").slice(0, 22);
  const session_state = origin && `${sha256(`${client_id} ${origin} ${browser_state} ${salt}`)}.${salt}`;
  return { name, client_id, redirect_uri, origin, browser_state, salt, session_state };
};

writeFileSync(OUTPUT, `${JSON.stringify(CASES.map(vector), null, 2)}\n`);
