import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { Asker, FakeWindow } from "./fake_window.mjs";
import { COOKIE, HASH, NO_SESSION, ORIGIN, QUESTION, SALT, VECTOR, VECTORS } from "./question.mjs";
import { blocked, granted, signedIn } from "./question.mjs";

const WITH_ORIGIN = VECTORS.filter(({ origin }) => origin);

const unreadable = () => {
  const page = blocked();
  const get = () => {
    throw new DOMException("sandboxed", "SecurityError");
  };
  Object.defineProperty(page.document, "cookie", { get });
  return page;
};

describe("a message that is no question", () => {
  for (const word of ["unchanged", "changed", "error"]) {
    test(`the word ${word} has no answer`, async () => {
      assert.deepEqual(await signedIn().receive(word), []);
    });
  }

  for (const data of [undefined, null, 1, true, {}, [QUESTION], new String(QUESTION)]) {
    test(`a message of type ${Object.prototype.toString.call(data)} has no answer`, async () => {
      assert.deepEqual(await signedIn().receive(data), []);
    });
  }

  test("a message from the frame itself has no answer", async () => {
    const page = signedIn();
    assert.deepEqual(await page.receive(QUESTION, page.self), []);
  });

  test("a message from a window that is gone has no answer", async () => {
    const page = signedIn();
    await page.receive(QUESTION, null);
    assert.equal(page.crypto.digests, 0);
  });

  test("a message from an opaque origin has no answer", async () => {
    assert.deepEqual(await signedIn().receive(QUESTION, new Asker(), "null"), []);
  });
});

describe("a malformed message is answered with error", () => {
  const MALFORMED = {
    "empty": "",
    "no space": "client",
    "only a session_state": VECTOR.session_state,
    "no client id": ` ${VECTOR.session_state}`,
    "only a space": " ",
    "upper-case hash": `client ${HASH.toUpperCase()}.${SALT}`,
    "short hash": `client ${HASH.slice(1)}.${SALT}`,
    "long hash": `client ${HASH}0.${SALT}`,
    "no salt": `client ${HASH}`,
    "empty salt": `client ${HASH}.`,
    "salt of other characters": `client ${HASH}.${SALT}=`,
    "line feed at the end": `${QUESTION}\n`,
    "words": "client id of many words",
  };
  for (const [name, message] of Object.entries(MALFORMED)) {
    test(name, async () => assert.equal(await signedIn().ask(message), "error"));
  }
});

describe("an empty session_state is answered with changed", () => {
  test("signed in", async () => assert.equal(await signedIn().ask(NO_SESSION), "changed"));
  test("without a cookie", async () => assert.equal(await granted().ask(NO_SESSION), "changed"));
  test("storage blocked", async () => assert.equal(await blocked().ask(NO_SESSION), "changed"));
  test("sandboxed", async () => assert.equal(await unreadable().ask(NO_SESSION), "changed"));
  test("client id with spaces", async () => assert.equal(await signedIn().ask("my client "), "changed"));
  test("client id of two lines", async () => assert.equal(await signedIn().ask("my\nclient "), "changed"));
  test("signed out", async () => {
    const { browser_state } = VECTORS.find(({ name }) => name === "signed out");
    assert.equal(await signedIn({ cookie: `state=${browser_state}` }).ask(NO_SESSION), "changed");
  });
});

describe("a session_state that matches the cookie is answered with unchanged", () => {
  for (const { name, client_id, origin, browser_state, session_state } of WITH_ORIGIN) {
    test(name, async () => {
      const page = signedIn({ cookie: `state=${browser_state}` });
      assert.equal(await page.ask(`${client_id} ${session_state}`, new Asker(), origin), "unchanged");
    });
  }

  for (const { name, redirect_uri, origin } of WITH_ORIGIN) {
    test(`${name}: the vector's origin is that of this JavaScript engine`, () => {
      assert.equal(new URL(redirect_uri).origin, origin);
    });
  }

  test("the answer goes to the asker's origin alone", async () => {
    assert.deepEqual(await signedIn().receive(QUESTION), [["unchanged", ORIGIN]]);
  });

  test("a cookie among others", async () => {
    assert.equal(await signedIn({ cookie: `a=1; ${COOKIE}; b=2` }).ask(QUESTION), "unchanged");
  });

  test("a cookie whose name begins with ours is another", async () => {
    assert.equal(await signedIn({ cookie: `state2=x; ${COOKIE}` }).ask(QUESTION), "unchanged");
  });

  test("a cookie whose name ends with ours is another", async () => {
    assert.equal(await signedIn({ cookie: `my_state=x; ${COOKIE}` }).ask(QUESTION), "unchanged");
  });

  test("a state with an equals sign", async () => {
    const page = signedIn({ cookie: "state=a=b" });
    assert.equal(await page.ask(QUESTION), "changed");
    page.document.cookie = COOKIE;
    assert.equal(await page.ask(QUESTION), "unchanged");
  });
});

describe("a session_state that does not match is answered with changed", () => {
  test("another origin", async () => {
    assert.equal(await signedIn().ask(QUESTION, new Asker(), "https://other.example"), "changed");
  });
  test("another client", async () => {
    assert.equal(await signedIn().ask(`other ${VECTOR.session_state}`), "changed");
  });
  test("another state", async () => {
    assert.equal(await signedIn({ cookie: "state=other" }).ask(QUESTION), "changed");
  });
  test("another salt", async () => {
    assert.equal(await signedIn().ask(`client ${HASH}.other`), "changed");
  });
});

describe("a missing cookie", () => {
  const withoutFunction = () => new FakeWindow({});
  const lose = async (page) => {
    page.document.cookie = COOKIE;
    await page.ask(QUESTION);
    page.document.cookie = "";
    return page;
  };

  test("seen earlier is answered with changed", async () => {
    assert.equal(await (await lose(withoutFunction())).ask(QUESTION), "changed");
  });
  test("seen earlier, now blocked, is answered with changed", async () => {
    assert.equal(await (await lose(blocked())).ask(QUESTION), "changed");
  });
  test("storage access granted is answered with changed", async () => {
    assert.equal(await granted().ask(QUESTION), "changed");
  });
  test("storage blocked is answered with error", async () => {
    assert.equal(await blocked().ask(QUESTION), "error");
  });
  test("never seen, with no way to ask for storage access, is answered with error", async () => {
    assert.equal(await withoutFunction().ask(QUESTION), "error");
  });
  test("storage access that cannot be told is answered with error", async () => {
    const hasStorageAccess = () => Promise.reject(new DOMException("inactive", "InvalidStateError"));
    assert.equal(await new FakeWindow({ hasStorageAccess }).ask(QUESTION), "error");
  });
  test("over http, hidden from another host whatever storage access says, is answered with error", async () => {
    const page = granted({ location: new URL("http://op.example:8000/") });
    for (const origin of ["http://rp.example:8001", "http://op.example.net", "https://op.example"]) {
      assert.equal(await page.ask(QUESTION, new Asker(), origin), "error");
    }
  });
  test("over http, with storage access and the same host, is answered with changed", async () => {
    const page = granted({ location: new URL("http://localhost:8000/") });
    for (const origin of ["http://localhost:8001", "http://localhost"]) {
      assert.equal(await page.ask(QUESTION, new Asker(), origin), "changed");
    }
  });
  test("over https, storage access decides for every host", async () => {
    assert.equal(await granted({ location: new URL("https://op.example/") }).ask(QUESTION), "changed");
  });
  test("another cookie whose name begins with ours is not ours", async () => {
    assert.equal(await blocked({ cookie: "state2=x" }).ask(QUESTION), "error");
  });
  test("a frame that was blocked and is so no longer is answered anew", async () => {
    const page = blocked();
    await page.ask(QUESTION);
    page.document.cookie = COOKIE;
    assert.equal(await page.ask(QUESTION), "unchanged");
  });
});

describe("a page that may not", () => {
  test("read cookies answers error", async () => assert.equal(await unreadable().ask(QUESTION), "error"));
  test("use Web Crypto answers error", async () => {
    assert.equal(await signedIn({ crypto: {} }).ask(QUESTION), "error");
  });
});

describe("a repeated message", () => {
  test("is answered from memory", async () => {
    const [page, asker] = [signedIn(), new Asker()];
    for (let poll = 0; poll < 3; poll += 1) assert.equal(await page.ask(QUESTION, asker), "unchanged");
    assert.equal(page.crypto.digests, 1);
    assert.equal(asker.told.length, 3);
  });

  test("is hashed anew once the cookie has changed", async () => {
    const [page, asker] = [signedIn(), new Asker()];
    await page.ask(QUESTION, asker);
    page.document.cookie = "state=other";
    assert.equal(await page.ask(QUESTION, asker), "changed");
    assert.equal(page.crypto.digests, 2);
  });

  test("is hashed anew for another window", async () => {
    const page = signedIn();
    await page.ask(QUESTION);
    await page.ask(QUESTION);
    assert.equal(page.crypto.digests, 2);
  });

  test("is hashed anew for a window that has gone to another origin", async () => {
    const [page, asker] = [signedIn(), new Asker()];
    await page.ask(QUESTION, asker);
    assert.equal(await page.ask(QUESTION, asker, "https://other.example"), "changed");
  });

  test("is no repetition with another session_state", async () => {
    const [page, asker] = [signedIn(), new Asker()];
    await page.ask(`client ${HASH}.other`, asker);
    assert.equal(await page.ask(QUESTION, asker), "unchanged");
  });
});
