import { afterEach, beforeEach, expect, test } from "vitest";
import { rosterLines } from "../../src/cli/roster-lines.ts";
import { summaryOf } from "../../src/cli/summary.ts";
import { parseConfig } from "../../src/config/load.ts";
import type { Config } from "../../src/domain/config.ts";
import { createRosters } from "../../src/roster/roster.ts";
import { startDuty, type DutyServer } from "../roster/duty-server.ts";
import { farSide } from "../support/engine-far-side.ts";

let duty: DutyServer;
beforeEach(async () => {
  duty = await startDuty();
});
afterEach(() => duty[Symbol.asyncDispose]());

function config(): Config {
  const parsed = parseConfig(
    `
connections:
  duty: { type: roster, url: "${duty.url}", token: env:DUTY_TOKEN }
apps:
  shop:
    repository: github:acme/shop
    channel: "#shop"
    environments:
      production:
        deploy: automatically
        on_call: ["@on-call", { roster: duty }]
        target: { type: ssh, hosts: [deploy@web-1.acme.test], directory: /srv/shop, recipe: django }
`,
    "greenlight.yml",
  );
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.refusal));
  return parsed.value;
}

async function lines() {
  const accounts = new Map([["duty", { url: duty.url, token: "t" }]]);
  return rosterLines({ config: config(), rosters: createRosters({ accounts, now: () => new Date() }), directory: farSide().directory });
}

test("doctor says whether a roster answers, whom it names, and for which environments it is asked", async () => {
  duty.names("UANN", { slack: "UBOB" });
  expect(await lines()).toEqual([{ ok: true, says: "roster duty: answers, UANN, UBOB on duty now; asked for shop/production" }]);
  duty.names();
  expect(await lines()).toEqual([{ ok: true, says: "roster duty: answers, nobody is on duty now; asked for shop/production" }]);
  duty.answers((response) => response.writeHead(404).end());
  expect(await lines()).toEqual([{ ok: false, says: expect.stringMatching(/^roster duty: 127\.0\.0\.1:\d+ answers HTTP 404$/u) }]);
});

test("check says who is asked, and shows neither the address nor a secret", () => {
  const summary = summaryOf(config());
  expect(summary).toContain("on call     @on-call, whoever the roster duty names");
  expect(summary).not.toContain("a-secret-of-the-address");
});
