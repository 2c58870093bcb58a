// One page's question of the shared vectors, and the frames it may meet.
import { readFileSync } from "node:fs";

import { FakeWindow } from "./fake_window.mjs";

export const ORIGIN = "https://rp.example";
export const VECTORS = JSON.parse(readFileSync(new URL("../session_state_vectors.json", import.meta.url), "utf8"));

export const VECTOR = VECTORS[0];
export const COOKIE = `state=${VECTOR.browser_state}`;
export const [HASH, SALT] = VECTOR.session_state.split(".");
export const QUESTION = `client ${VECTOR.session_state}`;
export const NO_SESSION = "client ";

export const signedIn = (more) => new FakeWindow({ cookie: COOKIE, ...more });
export const blocked = (more) => new FakeWindow({ hasStorageAccess: async () => false, ...more });
export const granted = (more) => new FakeWindow({ hasStorageAccess: async () => true, ...more });
