import { createServer } from "node:http";
import { captureException, close, init } from "@sentry/node";
import { expect, test } from "vitest";
import { startSandboxSentry } from "../../sandbox/sentry/server.ts";
import { fewAtOnce } from "../../src/monitors/few-at-once.ts";
import { look, monitorsAt, RELEASE, TOKEN, WATCH } from "./sentry-answers.ts";

test("a look asks for issues alone, and then three questions at once", async () => {
  const sentry = await startSandboxSentry({ org: "acme", project: "shop", token: TOKEN });
  const liveAt = new Date(Date.now() - 60_000);
  init({ dsn: sentry.dsn, release: RELEASE, environment: "production", defaultIntegrations: false });
  captureException(new RangeError("no such basket"), { mechanism: { type: "http", handled: false } });
  await close(20_000);
  const door = await startDoor(sentry.apiUrl, 3);
  const seen = await monitorsAt(door.url, { now: () => new Date() }).sentry(WATCH, look({ liveAt, now: new Date(Date.now() + 1) }));
  expect(seen).toMatchObject({ kind: "errors", after: { events: 1 }, newIssues: [{ title: "RangeError: no such basket" }] });
  expect(door.seen).toEqual({ first: "/api/0/organizations/acme/issues/", besideFirst: 0, most: 3 });
  await door.close();
  await sentry.close();
});

test("no more than so many work at once, in their order, and one that fails gives its place on", async () => {
  const few = fewAtOnce(2);
  const begun: number[] = [];
  const ends = new Map<number, (fault?: Error) => void>();
  const works = [1, 2, 3, 4].map((number) =>
    few(() => {
      begun.push(number);
      return new Promise<number>((end, fail) => void ends.set(number, (fault) => (fault === undefined ? end(number) : fail(fault))));
    }),
  );
  const outcomes = Promise.allSettled(works);
  expect(begun).toEqual([1, 2]);
  ends.get(1)?.(new Error("failed"));
  await expect(works[0]).rejects.toThrow("failed");
  await expect.poll(() => begun).toEqual([1, 2, 3]);
  ends.get(3)?.();
  await expect.poll(() => begun).toEqual([1, 2, 3, 4]);
  ends.get(2)?.();
  ends.get(4)?.();
  expect((await outcomes).map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled", "fulfilled"]);
});

/** Before the look-alike: the first question passes alone, the others wait until so many stand there together, once; counted are those inside. */
async function startDoor(inner: string, together: number) {
  const seen: { first: string | null; besideFirst: number; most: number } = { first: null, besideFirst: 0, most: 0 };
  let inside = 0;
  const opened = Promise.withResolvers<void>();
  const server = createServer(async (request, response) => {
    inside += 1;
    seen.most = Math.max(seen.most, inside);
    if (inside === together) opened.resolve();
    const isFirst = seen.first === null;
    if (isFirst) seen.first = new URL(request.url ?? "/", inner).pathname;
    else await opened.promise;
    const answer = await fetch(new URL(request.url ?? "/", inner), { headers: { authorization: request.headers.authorization ?? "" } });
    const body = await answer.text();
    if (isFirst) seen.besideFirst = inside - 1;
    inside -= 1;
    const headers = ["content-type", "date", "link"].flatMap((name) => [name, answer.headers.get(name) ?? ""]);
    response.writeHead(answer.status, headers).end(body);
  });
  await new Promise<void>((listening) => void server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the door has no port");
  return { seen, url: `http://127.0.0.1:${address.port}`, close: () => new Promise((closed) => void server.close(closed)) };
}
