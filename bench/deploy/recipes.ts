import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What is deployed: four times nothing, or four steps that do what a Django deployment does to a disk. */
export const RECIPES = ["null", "fake"] as const;
export type Recipe = (typeof RECIPES)[number];

/**
 * The names under which Greenlight runs the four commands: each runs on every host, as it does with the other tools. It asks each
 * host for its revision besides, as a fifth step: that cannot be switched off.
 */
export const STEPS: Readonly<Record<Recipe, readonly [string, string, string, string]>> = {
  // The host of `null` has no checkout: without a `verify` of one's own the question would fail.
  null: ["pull", "install", "collectstatic", "verify"],
  fake: ["pull", "install", "collectstatic", "restart"],
};

/** The four commands, the same for every tool, each an argv to be run in the checkout. `REV` stands for the revision. */
export function commandsOf(recipe: Recipe, revision: string): readonly (readonly string[])[] {
  if (recipe === "null") return STEPS.null.map(() => ["true"]);
  return [
    ["sh", "../fake/pull.sh", revision],
    ["sh", "../fake/migrate.sh", revision],
    ["sh", "../fake/collectstatic.sh"],
    ["sh", "../fake/restart.sh", revision],
  ];
}

/** One command as a line for a shell that begins in the home directory. */
export function lineOf(directory: string, argv: readonly string[]): string {
  return `cd ~/${directory} && ${argv.join(" ")}`;
}

const SCRIPTS: Readonly<Record<string, string>> = {
  "pull.sh": 'set -e\ngit fetch -q origin\ngit checkout -q --detach "$1"\n',
  "migrate.sh": 'set -e\necho "Applying shop.$1... OK"\necho "$1" >../state\nsync ../state\n',
  "collectstatic.sh": 'set -e\nmkdir -p ../static\ncp -f static/* ../static/\necho "40 static files copied"\n',
  "restart.sh": 'set -e\necho "$1" >../restarted\n',
};

export const STATIC_FILES = 40;

/** Puts the scripts of the fake recipe beside a host's checkouts. */
export function writeScripts(home: string): void {
  const folder = join(home, "fake");
  mkdirSync(folder);
  for (const [name, text] of Object.entries(SCRIPTS)) {
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), 0o755);
  }
}
