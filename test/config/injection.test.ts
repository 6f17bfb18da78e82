import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { parseConfig } from "../../src/config/load.ts";
import type { Environment } from "../../src/domain/config.ts";
import { parseSha } from "../../src/domain/ids.ts";
import { planOf, type Plan } from "../../src/domain/plan.ts";
import { commandOf, faultOfHost, faultOfStep } from "../../src/targets/ssh/command.ts";
import { attackWords, traces } from "../support/attack-words.ts";
import { printedWords } from "../support/shells.ts";

/** Whatever stands in `greenlight.yml` is refused with what to write instead, or reaches a host as the very same words. */

const folder = mkdtempSync(join(tmpdir(), "greenlight-injection-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const REVISION = parseSha("c0ffee".padEnd(40, "0"));
const FOLLOW = { attempt: 1, offset: 0, signal: new AbortController().signal, onOutput() {} };
const WORDS = attackWords(21, 30);

type Loose = { readonly [key: string]: Loose | string | readonly (Loose | string | readonly string[])[] };

type Place = { base?: Loose; target?: Loose; app?: string; environment?: string; branch?: string };
const DJANGO: Loose = { type: "ssh", hosts: ["deploy@web-1.test", "deploy@web-2.test"], directory: "/srv/shop", recipe: "django" };
const DOCKER: Loose = {
  type: "docker",
  hosts: ["deploy@web-1.test"],
  directory: "/srv/shop",
  services: ["web"],
  image: "a/shop:{revision}",
};
const FABRIC: Loose = {
  type: "fabric",
  hosts: ["deploy@control.test", "deploy@web-1.test"],
  directory: "/srv/shop",
  task: ["fab", "-H", "{hosts}", "deploy", "--ref={revision}"],
};

/** The file with one word of a stranger in it: each entry is one place of the file. */
const PLACES: Readonly<Record<string, (word: string) => Place>> = {
  "target.hosts, as a word": (word) => ({ target: { hosts: [`deploy@${word}`] } }),
  "target.hosts, the user": (word) => ({ target: { hosts: [`${word}@web-1.test`] } }),
  "hosts.address": (word) => ({ target: { hosts: [{ address: word, user: "deploy" }] } }),
  "hosts.user": (word) => ({ target: { hosts: [{ address: "web-1.test", user: word }] } }),
  "hosts.label": (word) => ({ target: { hosts: [{ address: "web-1.test", user: "deploy", label: word }] } }),
  "hosts.directory": (word) => ({ target: { hosts: [{ address: "web-1.test", user: "deploy", directory: word }] } }),
  "target.directory": (word) => ({ target: { directory: `/srv/${word}` } }),
  "target.directory, at home": (word) => ({ target: { directory: `~/${word}` } }),
  "target.origin": (word) => ({ target: { origin: word } }),
  "target.manage": (word) => ({ target: { manage: ["python3", word] } }),
  "target.environment, a value": (word) => ({ target: { environment: { WORD: word } } }),
  "target.environment, a name": (word) => ({ target: { environment: { [word]: "x" } } }),
  "target.commands, a word": (word) => ({ target: { commands: { check: ["./check", word, `--app={app}${word}`] } } }),
  "target.commands, the program": (word) => ({ target: { commands: { restart: [word] } } }),
  "target.services": (word) => ({ target: { services: ["shop", word] } }),
  "target.users": (word) => ({ target: { users: { migrate: word } } }),
  "target.backup": (word) => ({ target: { backup: ["./backup", word] } }),
  "target.before": (word) => ({ target: { before: { migrate: [["./tell", word]] } } }),
  "target.after": (word) => ({ target: { after: { pull: [[word]] } } }),
  "target.install, a command": (word) => ({ target: { install: ["./install", word] } }),
  "target.install, the requirements": (word) => ({ target: { install: { with: "pip", requirements: word } } }),
  "target.install, the environment": (word) => ({ target: { install: { with: "uv", venv: word } } }),
  "target.install, the python": (word) => ({ target: { install: { with: "pip", python: word } } }),
  "target.shared": (word) => ({ target: { layout: "releases", shared: [word] } }),
  "target.shared, a folder": (word) => ({ target: { layout: "releases", shared: [`${word}/`] } }),
  "target.directory, of releases": (word) => ({ target: { layout: "releases", directory: `/srv/${word}` } }),
  "target.origin, of releases": (word) => ({ target: { layout: "releases", origin: word } }),
  "hosts.connection": (word) => ({ target: { hosts: [{ address: "web-1.test", user: "deploy", connection: word }] } }),
  "hosts.jump": (word) => ({ target: { hosts: [{ address: "web-1.test", user: "deploy", jump: [`ops@${word}`] }] } }),
  "target.image": (word) => ({ base: DOCKER, target: { image: `${word}:{revision}` } }),
  "target.image, the tag": (word) => ({ base: DOCKER, target: { image: `a/shop:${word}{revision}` } }),
  "target.services, of docker": (word) => ({ base: DOCKER, target: { services: [word] } }),
  "target.compose": (word) => ({ base: DOCKER, target: { compose: ["compose.yaml", word] } }),
  "target.variable": (word) => ({ base: DOCKER, target: { variable: word } }),
  "target.task": (word) => ({ base: FABRIC, target: { task: ["fab", "-H", "{hosts}", word, "{revision}"] } }),
  "target.task, the program": (word) => ({ base: FABRIC, target: { task: [word, "{revision}"] } }),
  "target.rollback_task": (word) => ({ base: FABRIC, target: { rollback_task: ["fab", word, "{revision}"] } }),
  "target.hosts, of fabric": (word) => ({ base: FABRIC, target: { hosts: ["deploy@control.test", `deploy@${word}`] } }),
  "an app's name": (word) => ({ app: word }),
  "an environment's name": (word) => ({ environment: word }),
  "an app's branch": (word) => ({ branch: word }),
};

function fileWith(place: (word: string) => Place, word: string): string {
  const { base = DJANGO, target = {}, app = "shop", environment = "production", branch = "main" } = place(word);
  const whole = { ...base, ...target };
  const environments = { [environment]: { deploy: "automatically", target: whole } };
  return JSON.stringify({ apps: { [app]: { repository: "github:acme/shop", channel: "#shop", branch, environments } } });
}

function environmentIn(text: string): Environment | readonly string[] {
  const parsed = parseConfig(text, "greenlight.yml");
  if (!parsed.ok) return parsed.refusal.map((fault) => `${fault.says}; write ${fault.write}`);
  const environment = parsed.value.apps[0]?.environments[0];
  if (environment === undefined) throw new Error("the file has no environment");
  return environment;
}

function plansOf(environment: Environment): readonly Plan[] {
  if (REVISION === null) throw new Error("no revision");
  return (["deploy", "rollback"] as const).map((kind) => planOf(environment, { kind, from: null, revision: REVISION }));
}

/** Every program text that a plan gives to a shell of its own: `sh -c TEXT`. */
function scriptsOf(environment: Environment): ReadonlySet<string> {
  const scripts = plansOf(environment).flatMap((plan) =>
    plan.steps.flatMap(({ argv }) => argv.flatMap((word, index) => (argv[index - 1] === "-c" ? [word] : []))),
  );
  return new Set(scripts);
}

/** What a shell reads as a program in the file without a stranger's word, in both layouts. */
const OURS = new Set(
  [
    ...[{}, { layout: "releases" }, { install: "pip" }, { install: "uv" }].map((target) => ({ target })),
    ...[DOCKER, FABRIC].map((base) => ({ base })),
  ].flatMap((place) => {
    const environment = environmentIn(fileWith(() => place, ""));
    if ("length" in environment) throw new Error(environment.join("\n"));
    return [...scriptsOf(environment)];
  }),
);

/** Each command of a plan as a line that prints its words, with the words that it must print. */
function printedSteps(environment: Environment): readonly (readonly [string, readonly string[]])[] {
  return plansOf(environment).flatMap((plan) => {
    for (const host of plan.hosts) expect(faultOfHost(host)).toBeNull();
    return plan.steps.flatMap((step) => {
      const shown = { ...step, cwd: null, argv: ["printf", "%s\\0", ...step.argv] };
      const fault = faultOfStep(shown, FOLLOW);
      expect(fault ?? "64 KiB").toContain("64 KiB");
      return fault === null ? [[`( ${commandOf(shown).text}\n)\n`, step.argv] as const] : [];
    });
  });
}

test.each(Object.entries(PLACES))("in %s: refused in words, or carried as it is", { timeout: 120_000 }, (_name, place) => {
  const sentences: string[] = [];
  const lines = new Map<string, readonly string[]>();
  for (const word of WORDS) {
    const environment = environmentIn(fileWith(place, word));
    if ("length" in environment) {
      sentences.push(...environment);
      continue;
    }
    // What a shell reads as a program never depends on the file.
    expect([...scriptsOf(environment)].filter((script) => !OURS.has(script))).toEqual([]);
    for (const [line, argv] of printedSteps(environment)) lines.set(line, argv);
  }
  const all = [...lines.keys()];
  const printed: string[] = [];
  while (all.length > 0) {
    let batch = "";
    while (all.length > 0 && batch.length + (all[0]?.length ?? 0) < 100_000) batch += all.shift() ?? "";
    printed.push(...printedWords(batch, { cwd: folder }));
  }
  expect(printed).toEqual([...lines.values()].flat());
  expect(traces(folder)).toEqual([]);
  expect(sentences.filter((sentence) => !isClear(sentence))).toEqual([]);
});

/** Says what is there and what to write, on one line that nothing turns around or hides. */
function isClear(sentence: string): boolean {
  return /\S.*; write .*\S/u.test(sentence) && !/[\p{Cc}\p{Cf}\p{Cs}]|undefined|\[object/u.test(sentence) && sentence.length < 1500;
}
