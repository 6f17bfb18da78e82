import { describe, expect, test } from "vitest";
import { parseConfig } from "../../src/config/load.ts";
import type { Environment } from "../../src/domain/config.ts";
import { parseSha, type Sha } from "../../src/domain/ids.ts";
import { planOf, type Plan } from "../../src/domain/plan.ts";
import { progressOf } from "../../src/domain/progress.ts";

const REVISION = parseSha("9f3c2ab41d20000000000000000000000000beef") ?? never();
const OTHER = parseSha("71d0e2c41d20000000000000000000000000beef") ?? never();

function never(): never {
  throw new Error("no revision");
}

/** An environment of two hosts, from the words of its target. */
function environment(words: string): Environment {
  const hosts = "hosts: [deploy@web-1.acme.test, deploy@web-2.acme.test]";
  const text = [
    "apps:",
    "  shop:",
    "    repository: github:acme/shop",
    '    channel: "#shop"',
    "    environments:",
    `      production: { deploy: automatically, target: { type: ssh, ${hosts}, directory: /srv/shop, ${words} } }`,
  ].join("\n");
  const parsed = parseConfig(text, "greenlight.yml");
  if (!parsed.ok) throw new Error(parsed.refusal.map((fault) => `${fault.says}; write ${fault.write}`).join("\n"));
  const found = parsed.value.apps[0]?.environments[0];
  if (found === undefined) throw new Error("no environment");
  return found;
}

function plan(words: string, kind: Plan["kind"] = "deploy", revision: Sha = REVISION): Plan {
  return planOf(environment(words), { kind, from: null, running: {}, revision });
}

/** The steps of one host in order: id, folder, and what is run; a script by its name. What migrations become has its own tests. */
function steps(words: string, kind: Plan["kind"] = "deploy", host = "web-1.acme.test"): readonly string[] {
  return plan(words, kind)
    .steps.filter((step) => step.host === host && step.name !== "preview")
    .map(({ id, cwd, argv }) => `${id} in ${cwd?.replace(/-[0-9a-f]{8}$/, "") ?? "."}: ${id === "migrate" ? "..." : commandOf(argv)}`);
}

function commandOf(argv: readonly string[]): string {
  const words = argv.filter((word) => !word.includes("\n"));
  return argv.length === words.length ? argv.join(" ") : words.slice(2).join(" ");
}

const RELEASE = "releases/9f3c2ab41d20";

describe("recipe django", () => {
  test("in one checkout runs its usual words", () => {
    expect(steps("recipe: django")).toEqual([
      `pull in .: pull ${REVISION} `,
      "check in .: python3 manage.py check",
      "collectstatic in .: python3 manage.py collectstatic --noinput",
      "migrate in .: ...",
      "restart in .: sudo -n systemctl restart shop",
    ]);
    expect(steps("recipe: django", "deploy", "web-2.acme.test")).not.toContain("migrate in .: ...");
  });

  test("in releases builds a folder, switches, and stays in what is live", () => {
    const words = "recipe: django, layout: releases, install: pip, backup: [./backup.sh], commands: { verify: [./probe, '{revision}'] }";
    const said = steps(words).map((line) => line.replace(/9f3c2ab41d20-[0-9a-f]{8}/, "NAME"));
    expect(said).toEqual([
      `pull in .: pull ${REVISION}  NAME 5 deploy`,
      `install in ${RELEASE}: build sh -c install venv python3 requirements.txt yes`,
      `check in ${RELEASE}: build venv/bin/python manage.py check`,
      `collectstatic in ${RELEASE}: build venv/bin/python manage.py collectstatic --noinput`,
      `backup in ${RELEASE}: ./backup.sh`,
      `migrate in ${RELEASE}: ...`,
      `switch in .: switch ${REVISION} NAME`,
      "restart in current: sudo -n systemctl restart shop",
      `verify in current: ./probe ${REVISION}`,
    ]);
  });

  test("rolled back leaves the schema alone, with all that stands around it", () => {
    const words = "recipe: django, backup: [./backup.sh], before: { migrate: [[./tell]], restart: [[./drain]] }";
    expect(steps(words, "rollback").map((line) => line.split(" ")[0])).toEqual([
      "pull",
      "check",
      "collectstatic",
      "before-restart-1",
      "restart",
    ]);
  });

  test("runs what is added around a step where the step runs, as who runs the step", () => {
    const words =
      'recipe: django, layout: releases, users: { migrate: shop, restart: root }, environment: { A: "1" }, services: [web, worker@1], ' +
      "before: { migrate: [[./a, '{host}'], [./b]], pull: [[./p]] }, after: { migrate: [[./c]], switch: [[./d]], pull: [[./e]] }";
    const said = steps(words).filter((line) => /migrate|switch|restart|pull/.test(line) && !/^(pull|switch) /.test(line));
    expect(said).toEqual([
      "before-pull-1 in .: ./p",
      `after-pull-1 in ${RELEASE}: build ./e`,
      `before-migrate-1 in ${RELEASE}: sudo -n -u shop -- env A=1 ./a web-1.acme.test`,
      `before-migrate-2 in ${RELEASE}: sudo -n -u shop -- env A=1 ./b`,
      `migrate in ${RELEASE}: ...`,
      `after-migrate-1 in ${RELEASE}: sudo -n -u shop -- env A=1 ./c`,
      "after-switch-1 in current: ./d",
      "restart in current: sudo -n -u root -- env A=1 systemctl restart web",
      "restart-2 in current: sudo -n -u root -- env A=1 systemctl restart worker@1",
    ]);
  });

  test("names what was added when it fails, not the step it belongs to", () => {
    const planned = plan("recipe: script, commands: { restart: [./go] }, before: { restart: [[./drain]] }");
    const records = planned.steps.slice(0, 3).map(({ id, host, name }) => {
      const status = name === "pull" ? ("done" as const) : ("failed" as const);
      return { step: id, host, attempt: 1, status, note: null, finishedAt: null };
    });
    expect(progressOf(planned, records)).toMatchObject({ kind: "failed", because: "before-restart-1 on web-1.acme.test failed." });
  });

  test("lets whoever pulls also build and switch, and nobody else restart", () => {
    const words = "recipe: django, layout: releases, install: pip, users: { pull: shop, check: www }";
    const users = plan(words)
      .steps.filter((step) => step.host === "web-2.acme.test")
      .map(({ id, argv }) => `${id} ${argv[argv.indexOf("-u") + 1]}`);
    expect(users.filter((line) => !line.startsWith("restart"))).toEqual([
      "pull shop",
      "install shop",
      "check www",
      "collectstatic shop",
      "switch shop",
    ]);
    expect(steps(words).at(-1)).toBe("restart in current: sudo -n systemctl restart shop");
  });

  test("runs what is added to the migration on the first host alone", () => {
    const words = "recipe: django, after: { migrate: [[./a]], check: [[./b]] }";
    expect(steps(words, "deploy", "web-2.acme.test").filter((line) => line.includes("after"))).toEqual(["after-check-1 in .: ./b"]);
  });

  test("looks at what a pull of one's own brought", () => {
    expect(steps("recipe: django, origin: git@x.test:a/b.git, commands: { pull: [./get, '{revision}'] }")[0]).toBe(
      `pull in .: pull ${REVISION} git@x.test:a/b.git ./get ${REVISION}`,
    );
  });

  test.each([
    { install: "uv", says: "install venv python3 requirements.txt no", manage: "venv/bin/python" },
    {
      install: "{ with: pip, venv: .env/v, python: python3.12, requirements: r/p.txt }",
      says: "install .env/v python3.12 r/p.txt no",
      manage: ".env/v/bin/python",
    },
    { install: "[make, deps]", says: "make deps", manage: "python3" },
  ])("installs by $install", ({ install, says, manage }) => {
    const said = steps(`recipe: django, install: ${install}`);
    expect(said[1]).toBe(`install in .: ${says}`);
    expect(said[2]).toBe(`check in .: ${manage} manage.py check`);
  });
});

test.each([
  { what: "what ends the same however often it is run", words: "recipe: django", ids: ["pull", "check", "collectstatic", "verify"] },
  {
    what: "the switch, and packages that are made anew",
    words: "recipe: django, install: pip, layout: releases",
    ids: ["pull", "install", "check", "collectstatic", "switch", "verify"],
  },
  { what: "packages in one checkout never", words: "recipe: django, install: pip", ids: ["pull", "check", "collectstatic", "verify"] },
  {
    what: "nothing that was added",
    words: "recipe: django, before: { check: [[a]] }, after: { verify: [[b]] }",
    ids: ["pull", "check", "collectstatic", "verify"],
  },
])("may be repeated when its outcome was lost: $what", ({ words, ids }) => {
  const { steps: all } = plan(`${words}, commands: { verify: [./probe] }`);
  const repeated = all.filter((step) => step.repeatable && step.host === "web-2.acme.test" && step.name !== "preview");
  expect(repeated.map((step) => step.id)).toEqual(ids);
});

describe("recipe script", () => {
  test("pulls by itself, runs one's own commands, and asks each host what it has", () => {
    expect(steps("recipe: script, commands: { restart: [./deploy.sh] }")).toEqual([
      `pull in .: pull ${REVISION} `,
      "restart in .: ./deploy.sh",
      `revision in .: revision ${REVISION} no`,
    ]);
  });

  test("lets a verify of one's own speak for a host that keeps no revision", () => {
    expect(steps("recipe: script, commands: { pull: [./all.sh], verify: [./probe] }")).toEqual([
      "pull in .: ./all.sh",
      `revision in .: revision ${REVISION} yes`,
      "verify in .: ./probe",
    ]);
  });
});

function folder(words: string, kind: Plan["kind"] = "deploy", revision = REVISION): string | null | undefined {
  return plan(`recipe: django, layout: releases${words}`, kind, revision).steps.find((step) => step.id === "check")?.cwd;
}

describe("the folder of a release", () => {
  const plain = folder("");

  test.each([
    { what: "install", words: ", install: pip", same: false },
    { what: "shared paths", words: ", shared: [.env]", same: false },
    { what: "the environment", words: ', environment: { A: "1" }', same: false },
    { what: "a command while it is built", words: ", after: { pull: [[x]] }", same: false },
    { what: "how many are kept", words: ", keep: 9", same: true },
    { what: "what restarts", words: ", services: [a, b]", same: true },
    { what: "time limits", words: ", timeouts: { install: 1h }", same: true },
  ])("follows $what: same $same", ({ words, same }) => {
    expect(folder(words) === plain).toBe(same);
  });

  test("is one for a revision, forwards and back", () => {
    expect(folder("", "rollback")).toBe(plain);
    expect(folder("", "deploy", OTHER)).not.toBe(plain);
  });
});

test.each(["$(touch x)", "; rm -rf ~", "a b", "-rf", "{revision}", "it's", "\\", "*"])("%s of a command stays one word", (word) => {
  const quoted = JSON.stringify(word);
  const whole = `recipe: django, layout: releases, users: { migrate: shop }, before: { migrate: [[./a, ${quoted}]] }, commands: { check: [./b, ${quoted}] }`;
  const expected = word === "{revision}" ? REVISION : word;
  const argvOf = (id: string): readonly string[] => plan(whole).steps.find((step) => step.id === id)?.argv ?? [];
  expect(argvOf("before-migrate-1")).toEqual(["sudo", "-n", "-u", "shop", "--", "./a", expected]);
  expect(argvOf("check").slice(-2)).toEqual(["./b", expected]);
});
