import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { createGitHub } from "../../src/github/client.ts";
import { listeningLog, startFarSide, type FarAnswer } from "./far-side.ts";

const SINCE = new Date("2026-03-01T00:00:00Z");
const OLD = "2026-02-27T09:00:00Z";

function tried(id: number, guid: string, at: string, status = 0): object {
  return {
    id,
    guid,
    delivered_at: at,
    redelivery: false,
    duration: 10,
    status: "timed out",
    status_code: status,
    event: "push",
    action: null,
  };
}

function page(deliveries: readonly object[], next: string | null = null): FarAnswer {
  const link = next === null ? {} : { headers: { link: `<https://api.github.test/elsewhere?cursor=${next}&status=failure>; rel="next"` } };
  return { status: 200, json: deliveries, ...link };
}

test("failed deliveries are read page by page until they are too old, oldest first, each once with its tries", async () => {
  await using far = await startFarSide(({ url }) => {
    if (url.startsWith("/repos/acme/shop/hooks?"))
      return {
        status: 200,
        json: [
          { id: 7, active: true, config: { url: "https://bot.acme.test/webhooks/github" } },
          { id: 8, active: true, config: { url: "https://jenkins.acme.test/github-webhook/" } },
          { id: 9, active: false, config: { url: "https://bot.acme.test/webhooks/github" } },
        ],
      };
    if (!url.includes("cursor="))
      return page([tried(30, "cccc-3", "2026-03-02T11:00:00Z", 502), tried(29, "bbbb-2", "2026-03-02T10:30:00Z")], "v1_2");
    return page([
      tried(28, "bbbb-2", "2026-03-02T10:00:00Z"),
      // An older Enterprise Server shows these too.
      tried(27, "good-1", "2026-03-02T09:30:00Z", 202),
      tried(26, "good-1", "2026-03-02T09:20:00Z"),
      tried(25, "aaaa-1", "2026-03-02T09:00:00Z"),
      tried(24, "old-0", OLD),
    ]);
  });
  const github = createGitHub({ apiUrl: far.apiUrl, token: "t", app: null, log: listeningLog() });
  const found = await github.failed({ repositories: ["acme/shop"], hooks: [], since: SINCE });
  expect(found?.map(({ hook, attempt, delivery, tries }) => `${hook} ${attempt} ${delivery} ${tries}`)).toEqual([
    "7 25 aaaa-1 1",
    "7 29 bbbb-2 2",
    "7 30 cccc-3 1",
  ]);
  expect(far.seen.every(({ url }) => !url.includes("/hooks/8/") && !url.includes("/hooks/9/") && !url.includes("elsewhere"))).toBe(true);
  const [first] = found ?? [];
  if (first === undefined) throw new Error("nothing was found");
  await github.again(first);
  expect(far.seen.at(-1)).toMatchObject({ method: "POST", url: "/repos/acme/shop/hooks/7/deliveries/25/attempts" });
});

test("a hook that has reached us is ours whatever its address, and one that leads to another connection is not", async () => {
  await using far = await startFarSide(({ url }) =>
    url.startsWith("/repos/acme/shop/hooks?")
      ? {
          status: 200,
          json: [
            { id: 7, active: true, config: { url: "https://proxy.acme.test/in" } },
            { id: 8, active: true, config: { url: "https://bot.acme.test/webhooks/github/client" } },
          ],
        }
      : page([tried(url.includes("/hooks/7/") ? 1 : 2, "aaaa-1", "2026-03-02T09:00:00Z")]),
  );
  const input = { repositories: ["acme/shop"], since: SINCE };
  const github = createGitHub({ apiUrl: far.apiUrl, token: "t", app: null, log: listeningLog() });
  expect((await github.failed({ ...input, hooks: ["7"] }))?.map(({ hook }) => hook)).toEqual(["7"]);
  expect(await github.failed({ ...input, hooks: [] })).toEqual([]);
  const client = createGitHub({ connection: "client", apiUrl: far.apiUrl, token: "t", app: null, log: listeningLog() });
  expect((await client.failed({ ...input, hooks: [] }))?.map(({ hook }) => hook)).toEqual(["8"]);
});

test("an App asks for its own hook, signed as the App", async () => {
  const { privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  await using far = await startFarSide(({ method }) =>
    method === "POST" ? { status: 202 } : page([tried(5, "aaaa-1", "2026-03-02T09:00:00Z")]),
  );
  const github = createGitHub({ apiUrl: far.apiUrl, token: null, app: { id: "12", privateKey }, log: listeningLog() });
  const found = await github.failed({ repositories: ["acme/shop", "acme/other"], hooks: [], since: SINCE });
  expect(found).toMatchObject([{ hook: null, attempt: "5", delivery: "aaaa-1" }]);
  const [first] = found ?? [];
  if (first === undefined) throw new Error("nothing was found");
  expect(await github.again(first)).toBe(true);
  expect(far.seen.map(({ method, url }) => `${method} ${url.split("?")[0]}`)).toEqual([
    "GET /app/hook/deliveries",
    "POST /app/hook/deliveries/5/attempts",
  ]);
  expect(far.seen.every(({ authorization }) => /^bearer ey/i.test(authorization ?? ""))).toBe(true);
});

test("without the right to see hooks nothing is known, and it is said once", async () => {
  await using far = await startFarSide(() => ({ status: 404 }));
  const log = listeningLog();
  const github = createGitHub({ apiUrl: far.apiUrl, token: "t", app: null, log });
  expect(await github.failed({ repositories: ["acme/shop"], hooks: [], since: SINCE })).toBeNull();
  expect(
    await createGitHub({ apiUrl: null, token: null, app: null, log }).failed({ repositories: [], hooks: [], since: SINCE }),
  ).toBeNull();
});

test("a gate is answered at our own API's address, and one that does not wait any more is over", async () => {
  const answers: Record<string, number> = { "1": 204, "2": 422, "3": 502 };
  await using far = await startFarSide(({ url }) => ({ status: answers[/runs\/(\d)\//.exec(url)?.[1] ?? ""] ?? 500 }));
  const github = createGitHub({ apiUrl: far.apiUrl, token: "t", app: null, log: listeningLog() });
  const answer = { repository: "acme/shop", environment: "production", state: "approved" as const, comment: "Approved by Petra" };
  const said = [];
  for (const workflowRun of ["1", "2", "3"]) said.push(await github.answerGate({ ...answer, workflowRun }));
  expect(said).toEqual(["answered", "over", "not answered"]);
  expect(far.seen.map(({ method, url }) => `${method} ${url}`)).toEqual(
    ["1", "2", "3"].map((id) => `POST /repos/acme/shop/actions/runs/${id}/deployment_protection_rule`),
  );
  expect(JSON.parse(far.seen[0]?.body ?? "{}")).toEqual({
    environment_name: "production",
    state: "approved",
    comment: "Approved by Petra",
  });
});
