import { expect, test } from "vitest";
import { sudoCommands } from "../../src/domain/sudo.ts";
import { planOf } from "../../src/domain/plan.ts";
import { parseConfig } from "../../src/config/load.ts";
import { parseSha } from "../../src/domain/ids.ts";

function asked(words: string): readonly string[] {
  const target = `{ type: ssh, hosts: [deploy@web-1.test, deploy@web-2.test], directory: /srv/shop, ${words} }`;
  const parsed = parseConfig(
    `apps: { shop: { repository: github:a/b, channel: "#x", environments: { p: { deploy: automatically, target: ${target} } } } }`,
    "x",
  );
  const environment = parsed.ok ? parsed.value.apps[0]?.environments[0] : undefined;
  const revision = parseSha("9f3c2ab41d20000000000000000000000000beef");
  if (environment === undefined || revision === null) throw new Error(JSON.stringify(parsed));
  return sudoCommands(planOf(environment, { kind: "deploy", from: null, revision }), "web-2.test").map((argv) => argv.join(" "));
}

test.each([
  { what: "services", words: "recipe: django, services: [a, b]", says: ["sudo -n systemctl restart a", "sudo -n systemctl restart b"] },
  { what: "nothing", words: "recipe: script, commands: { restart: [touch, x] }", says: [] },
  {
    what: "one's own sudo, once",
    words: "recipe: script, after: { pull: [[sudo, -n, systemctl, stop, x], [sudo, -n, systemctl, stop, x]] }, services: [x]",
    says: ["sudo -n systemctl stop x", "sudo -n systemctl restart x"],
  },
  {
    what: "a step as somebody else behind our own script",
    words: 'recipe: django, layout: releases, users: { check: www }, environment: { A: "1" }, commands: { restart: ["true"] }',
    says: ["sudo -n -u www -- env A=1 python3 manage.py check"],
  },
  {
    what: "a probe that is wanted three times",
    words: "recipe: script, users: { verify: www }, roll: { verify_times: 3 }, commands: { verify: [curl, x] }",
    says: ["sudo -n -u www -- curl x"],
  },
  { what: "no program of the checkout", words: "recipe: script, users: { restart: www }, commands: { restart: [./deploy.sh] }", says: [] },
  { what: "no sudo among the words of another program", words: "recipe: script, commands: { restart: [echo, sudo, -n, x] }", says: [] },
])("sudo is asked beforehand about $what", ({ words, says }) => {
  expect(asked(words)).toEqual(says);
});
