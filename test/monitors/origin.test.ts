import { expect, test } from "vitest";
import { startFarSide } from "./far-side.ts";
import { RELEASE, WATCH, answers, issueJson, look, monitorsAt } from "./sentry-answers.ts";

const flood = { after: [[1, 60]], issues: [issueJson()] } as const;

test("tells what the deployed servers sent, whichever way they spell their names, and whom each issue of theirs hit", async () => {
  const servers = [
    [null, 30, 30],
    ["web-1.acme.test", 20, 2],
    ["10.0.0.7", 5, 1],
    ["10.9.9.9", 4, 4],
    ['web-1." release:x', 1, 1],
  ] as const;
  await using sentry = await startFarSide(answers({ ...flood, servers, usersOfIssue: { 77: 3 } }));
  expect(await monitorsAt(sentry.url).sentry(WATCH, look())).toMatchObject({
    origin: { kind: "servers", events: 25, all: 60, users: 3, usersOfIssue: { "77": 3 } },
  });
  const asked = sentry.asked.map(({ url }) => url.searchParams).find((query) => query.getAll("field").includes("issue.id"));
  expect(asked?.get("query")).toBe(`release:"${RELEASE}" server_name:["web-1.acme.test","10.0.0.7"]`);
});

test("asks nothing while there is no error, and nothing of a project that only servers can send to", async () => {
  await using sentry = await startFarSide(answers(flood));
  const tables = () => sentry.asked.filter(({ url }) => url.searchParams.getAll("field").includes("server_name")).length;
  const serverSide = { ...WATCH, serverSide: true } as const;
  expect(await monitorsAt(sentry.url).sentry(serverSide, look())).toMatchObject({ origin: { kind: "server_side" } });
  await using quiet = await startFarSide(answers({}));
  expect(await monitorsAt(quiet.url).sentry(WATCH, look())).toMatchObject({ origin: { kind: "servers", all: 0 } });
  expect(tables()).toBe(0);
});

test.each([
  { name: "no server is known", servers: [] as string[], field: "server_name", status: 200 },
  { name: "Sentry refuses the question", servers: ["web-1"], field: "server_name", status: 403 },
  { name: "Sentry does not tell whom they hit", servers: ["web-1"], field: "issue.id", status: 503 },
])("nobody knows who sent them when $name", async ({ servers, field, status }) => {
  const known = answers({ ...flood, servers: [["web-1", 60, 3]] });
  await using sentry = await startFarSide((asked) =>
    asked.url.searchParams.getAll("field").includes(field) ? { status, body: { data: [] } } : known(asked),
  );
  expect(await monitorsAt(sentry.url).sentry(WATCH, look({ servers }))).toMatchObject({ kind: "errors", origin: null });
  expect(sentry.asked.some(({ url }) => url.searchParams.getAll("field").includes(field))).toBe(servers.length > 0);
});
