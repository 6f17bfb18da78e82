import { expect, test } from "vitest";
import { planText } from "../../src/cli/plan.ts";
import { parseConfig } from "../../src/config/load.ts";
import { parseSha } from "../../src/domain/ids.ts";
import { planOf } from "../../src/domain/plan.ts";

test("a plan shows each step by its own id, its command in words, and where it runs", () => {
  const target =
    "{ type: ssh, hosts: [deploy@web-1.acme.test, deploy@web-2.acme.test], directory: /srv/shop, recipe: script, layout: releases, services: [shop], before: { switch: [[./drain, 'a b']] } }";
  const file = `apps: { shop: { repository: github:a/b, channel: "#x", environments: { production: { deploy: automatically, target: ${target} } } } }`;
  const parsed = parseConfig(file, "greenlight.yml");
  const environment = parsed.ok ? parsed.value.apps[0]?.environments[0] : undefined;
  const revision = parseSha("9f3c2ab41d20000000000000000000000000beef");
  if (environment === undefined || revision === null) throw new Error("no plan");
  const lines = planText(planOf(environment, { kind: "deploy", from: null, revision }))
    .replaceAll(/9f3c2ab41d20-[0-9a-f]{8}/g, "NAME")
    .split("\n");
  expect(lines[0]).toBe(`shop to production: ${revision}, the first deployment`);
  expect(lines.slice(1, -1).map((line) => line.replace(/sh -c '.*?\.\.\.'/, "SCRIPT"))).toEqual([
    `  1  web-1.acme.test  pull            SCRIPT pull ${revision} '' NAME 5 deploy`,
    `  1  web-2.acme.test  pull            SCRIPT pull ${revision} '' NAME 5 deploy`,
    ...[1, 2].flatMap((server) => [
      `  ${server * 4 - 2}  web-${server}.acme.test  before-switch-1 ./drain 'a b'  (in releases/NAME)`,
      `  ${server * 4 - 1}  web-${server}.acme.test  switch          SCRIPT switch ${revision} NAME`,
      `  ${server * 4}  web-${server}.acme.test  restart         sudo -n systemctl restart shop  (in current)`,
      `  ${server * 4 + 1}  web-${server}.acme.test  revision        SCRIPT revision ${revision} no  (in current)`,
    ]),
  ]);
  expect(lines.at(-1)).toMatch(/^plan [0-9a-f]{64}$/);
});
