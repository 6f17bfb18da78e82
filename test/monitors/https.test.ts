import { createServer } from "node:https";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { afterEach, expect, test } from "vitest";
import { selfMade } from "./certificate.ts";
import { look, monitorsAt } from "./sentry-answers.ts";

const DAY_MS = 86_400_000;
const monitors = monitorsAt("http://127.0.0.1:9");
const usual = getCACertificates("default");

afterEach(() => setDefaultCACertificates(usual));

test("of an encrypted site it is told until when its certificate is good", async () => {
  const [from, until] = [daysFromNow(-81), daysFromNow(9)];
  await using site = await startSite(selfMade(from, until));
  const seen = await monitors.http({ url: site.url, timeoutMs: 10_000 }, look());
  expect(seen).toMatchObject({ up: true, detail: "HTTP 200", certificate: { from, until } });
});

test.each([
  { name: "has expired", certificate: () => selfMade(daysFromNow(-91), daysFromNow(-1)), says: "its certificate has expired" },
  { name: "is not valid yet", certificate: () => selfMade(daysFromNow(1), daysFromNow(91)), says: "its certificate is not valid yet" },
])("a site whose certificate $name is down, and says why", async ({ certificate, says }) => {
  await using site = await startSite(certificate());
  expect(await monitors.http({ url: site.url, timeoutMs: 10_000 }, look())).toMatchObject({ kind: "site", up: false, detail: says });
});

test("a certificate for another name, or of nobody who is trusted, is down", async () => {
  await using site = await startSite(selfMade(daysFromNow(-1), daysFromNow(89)));
  const byName = site.url.replace("127.0.0.1", "localhost");
  expect(await monitors.http({ url: byName, timeoutMs: 10_000 }, look())).toMatchObject({
    up: false,
    detail: "its certificate is for another name",
  });
  setDefaultCACertificates(usual);
  expect(await monitors.http({ url: site.url, timeoutMs: 10_000 }, look())).toMatchObject({
    up: false,
    detail: "no connection (DEPTH_ZERO_SELF_SIGNED_CERT)",
  });
});

test("an encrypted site that sends its visitors to plain http is not followed there", async () => {
  const asked: string[] = [];
  await using site = await startSite(selfMade(daysFromNow(-1), daysFromNow(89)), (path) => {
    asked.push(path);
    return `http://127.0.0.1:${new URL(site.url).port}/plain`;
  });
  expect(await monitors.http({ url: site.url, timeoutMs: 10_000 }, look())).toMatchObject({ up: true, detail: "HTTP 302, to plain http" });
  expect(new Set(asked)).toEqual(new Set(["/"]));
});

/** Whole seconds, as certificates know them. */
function daysFromNow(days: number): Date {
  return new Date(Math.floor((Date.now() + days * DAY_MS) / 1000) * 1000);
}

/** Trusted as by NODE_EXTRA_CA_CERTS. `to`: where a path is redirected. */
async function startSite(
  own: { readonly cert: string; readonly key: string },
  to?: (path: string) => string,
): Promise<AsyncDisposable & { readonly url: string }> {
  setDefaultCACertificates([...usual, own.cert]);
  const server = createServer(own, (request, response) => {
    if (to === undefined) return response.writeHead(200).end("welcome");
    return response.writeHead(302, { location: to(request.url ?? "") }).end();
  });
  await new Promise<void>((listening) => {
    server.listen(0, "127.0.0.1", listening);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the site has no port");
  async function close(): Promise<void> {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  }
  return { url: `https://127.0.0.1:${address.port}/`, [Symbol.asyncDispose]: close };
}
