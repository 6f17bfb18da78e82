import { createVerify, generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { createGitHub } from "../../src/github/client.ts";
import { A } from "./bodies.ts";
import { listeningLog, startFarSide } from "./far-side.ts";
import type { FarAnswer, Seen } from "./far-side.ts";

/** An Enterprise Server that lets an App in as GitHub does: by its JWT for the App's own routes, by an installation's token for all else. */
const APP_ID = "12";

function keys() {
  return generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
}

const REFUSED: FarAnswer = { status: 401, json: { message: "Bad credentials" } };

function strict(publicKey: string) {
  /** Installation by owner, and the token that was given out last for it. */
  const installed = new Map<string, number>([["acme", 5]]);
  const tokens = new Map<string, string>();
  let made = 0;
  function answer(seen: Seen): FarAnswer {
    const [path = ""] = seen.url.split("?");
    const owner = /^\/repos\/([^/]+)\//.exec(path)?.[1] ?? "";
    if (path.endsWith("/installation")) {
      if (!isJwt(seen.authorization, publicKey)) return REFUSED;
      const id = installed.get(owner);
      return id === undefined ? { status: 404 } : { status: 200, json: { id } };
    }
    const id = /^\/app\/installations\/(\d+)\/access_tokens$/.exec(path)?.[1];
    if (id !== undefined) {
      if (!isJwt(seen.authorization, publicKey)) return REFUSED;
      const of = [...installed].find(([, known]) => String(known) === id)?.[0];
      if (of === undefined) return { status: 404 };
      made += 1;
      tokens.set(`token ghs_${made}`, of);
      const expires = new Date(Date.now() + 3_600_000).toISOString();
      return { status: 201, json: { token: `ghs_${made}`, expires_at: expires, permissions: {}, repository_selection: "all" } };
    }
    return tokens.get(seen.authorization ?? "") === owner ? { status: 200, json: { sha: A } } : REFUSED;
  }
  /** Uninstalled and installed again: another number, and the old tokens are worth nothing. */
  function installAnew(owner: string, id: number): void {
    installed.set(owner, id);
    for (const [token, of] of tokens) if (of === owner) tokens.delete(token);
  }
  return { answer, installAnew, installed, made: () => made };
}

function read(part: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(part, "base64url").toString() || "{}");
}

/** RS256, ours, made in the last minutes and good for ten at most (docs.github.com, "Generating a JWT for a GitHub App"). */
function isJwt(authorization: string | undefined, publicKey: string): boolean {
  const [, head = "", claims = "", signature = ""] = /^bearer ([\w-]+)\.([\w-]+)\.([\w-]+)$/i.exec(authorization ?? "") ?? [];
  const { alg } = read(head);
  const { iss, iat, exp } = read(claims);
  const now = Date.now() / 1000;
  const verifier = createVerify("RSA-SHA256").update(`${head}.${claims}`);
  return (
    alg === "RS256" &&
    String(iss) === APP_ID &&
    Number(iat) <= now &&
    Number(exp) > now &&
    Number(exp) - Number(iat) <= 11 * 60 &&
    verifier.verify(publicKey, Buffer.from(signature, "base64url"))
  );
}

test("an App signs in by its JWT, keeps one token for an owner, and asks for nothing twice", async () => {
  const { publicKey, privateKey } = keys();
  const hub = strict(publicKey);
  hub.installed.set("other", 9);
  await using far = await startFarSide(hub.answer);
  const github = createGitHub({ apiUrl: far.apiUrl, token: "ghp_unused", app: { id: APP_ID, privateKey }, log: listeningLog() });
  for (let again = 0; again < 3; again += 1) expect(await github.resolve("acme/shop", A)).toBe(A);
  expect(await github.resolve("acme/blog", A)).toBe(A);
  expect(hub.made()).toBe(1);
  expect(await github.resolve("other/shop", A)).toBe(A);
  expect(hub.made()).toBe(2);
  expect(far.seen.filter(({ url }) => url.endsWith("/installation")).map(({ url }) => url)).toEqual([
    "/repos/acme/shop/installation",
    "/repos/other/shop/installation",
  ]);
  expect(far.seen.map(({ authorization }) => authorization).join()).not.toContain("ghp_unused");
});

test("an App that was installed anew is let in again, without a restart", async () => {
  const { publicKey, privateKey } = keys();
  const hub = strict(publicKey);
  await using far = await startFarSide(hub.answer);
  const log = listeningLog();
  const github = createGitHub({ apiUrl: far.apiUrl, token: null, app: { id: APP_ID, privateKey }, log });
  expect(await github.resolve("acme/shop", A)).toBe(A);
  hub.installAnew("acme", 6);
  expect(await github.resolve("acme/shop", A)).toBeNull();
  expect(log.lines.join()).toContain("does not accept our token");
  expect(await github.resolve("acme/shop", A)).toBe(A);
  hub.installed.delete("acme");
  expect(await github.resolve("elsewhere/shop", A)).toBeNull();
});

test("another App's key opens nothing", async () => {
  const hub = strict(keys().publicKey);
  await using far = await startFarSide(hub.answer);
  const log = listeningLog();
  const github = createGitHub({ apiUrl: far.apiUrl, token: null, app: { id: APP_ID, privateKey: keys().privateKey }, log });
  expect(await github.resolve("acme/shop", A)).toBeNull();
  expect(hub.made()).toBe(0);
  expect(log.lines.join()).toContain("401");
});
