import { expect, test } from "vitest";
import { startFarSide } from "./far-side.ts";
import type { Asked, Reply } from "./far-side.ts";
import { LIVE, RELEASE, REVISION, WATCH, monitorsAt } from "./sentry-answers.ts";

const DEPLOYMENT = "0195f3a2-7c11-7000-8000-000000000812";
const announced = {
  revision: REVISION,
  previous: null,
  repository: "acme/shop",
  startedAt: new Date(LIVE.getTime() - 72_000),
  liveAt: LIVE,
  deployment: DEPLOYMENT,
} as const;

/** A Sentry that keeps what it is told; releases are answered 201, then 208. */
function remembering(options: { readonly knowsRepository: boolean } = { knowsRepository: true }) {
  const releases = new Set<string>();
  const deploys: { id: string; name: string; environment: string }[] = [];
  function answer({ method, url, body }: Asked): Reply {
    const told: unknown = body === "" ? {} : JSON.parse(body);
    if (url.pathname.endsWith("/deploys/")) {
      if (method === "GET") return { body: deploys };
      deploys.push({ id: String(deploys.length + 1), name: text(told, "name"), environment: text(told, "environment") });
      return { status: 201, body: deploys.at(-1) };
    }
    if (body.includes('"refs"') && !options.knowsRepository) return { status: 400, body: { refs: ["Unable to find repository"] } };
    const status = releases.has(text(told, "version")) ? 208 : 201;
    releases.add(text(told, "version"));
    return { status, body: { version: text(told, "version") } };
  }
  return { answer, releases, deploys };
}

test("a release and its deploy are told once, however often it is tried", async () => {
  const { answer, releases, deploys } = remembering();
  await using sentry = await startFarSide(answer);
  const monitors = monitorsAt(sentry.url);
  expect(await monitors.announce(WATCH, announced)).toBeNull();
  expect(await monitors.announce(WATCH, announced)).toBeNull();
  expect([...releases]).toEqual([RELEASE]);
  expect(deploys).toEqual([{ id: "1", name: DEPLOYMENT, environment: "production" }]);
  expect(sentry.asked.map(({ method, url }) => `${method} ${url.pathname}`).slice(0, 3)).toEqual([
    "POST /api/0/organizations/acme/releases/",
    `GET /api/0/organizations/acme/releases/${encodeURIComponent(RELEASE)}/deploys/`,
    `POST /api/0/organizations/acme/releases/${encodeURIComponent(RELEASE)}/deploys/`,
  ]);
});

test("a repository that Sentry does not know costs the commits, not the release", async () => {
  const { answer, releases, deploys } = remembering({ knowsRepository: false });
  await using sentry = await startFarSide(answer);
  const said = await monitorsAt(sentry.url).announce(WATCH, announced);
  expect(said).toBe("Sentry knows the release but not its commits: Sentry rejects the request (HTTP 400)");
  expect(releases.size).toBe(1);
  expect(deploys).toHaveLength(1);
});

test("a refused token is said", async () => {
  await using sentry = await startFarSide(() => ({ status: 401, body: {} }));
  const said = await monitorsAt(sentry.url).announce(WATCH, announced);
  expect(said).toBe("Sentry was not told of the release: Sentry refuses the token (HTTP 401)");
  expect(sentry.asked).toHaveLength(1);
});

function text(value: unknown, name: string): string {
  const found: unknown = typeof value === "object" && value !== null ? Object.entries(value).find(([key]) => key === name)?.[1] : null;
  return typeof found === "string" ? found : "";
}
