import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { TargetStep } from "../../../src/ports.ts";
import { commandLine } from "../../../src/targets/ssh/ask.ts";
import { commandOf, faultOfHost, faultOfStep } from "../../../src/targets/ssh/command.ts";
import { quoteAll } from "../../../src/targets/ssh/quote.ts";
import { attackWord, attackWords, fitsArgv, traces } from "../../support/attack-words.ts";
import { dice, pick, type Roll } from "../../support/dice.ts";
import { printedWords, SHELLS } from "../../support/shells.ts";
import { hearStep, newRun, sshPlaces } from "../../support/ssh-places.ts";

const folder = mkdtempSync(join(tmpdir(), "greenlight-injection-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const FOLLOW = { attempt: 1, offset: 0, signal: new AbortController().signal, onOutput() {} };
/** Prints what a step was given: one variable of its environment, its folder's last name, its words. */
const PRINTER = ["sh", "-c", 'printf "%s\\0" "${WORD-}" "${PWD##*/}" "$@"', "printer"];

/** A directory of our own with this name; null if no file system takes it. */
function made(...names: readonly string[]): string | null {
  const path = join(folder, ...names);
  try {
    mkdirSync(path, { recursive: true });
    return path;
  } catch {
    return null;
  }
}

/** A word that can be the name of one folder. */
function folderName(roll: Roll): string {
  return attackWord(roll).replaceAll("/", "_").slice(0, 60);
}

describe.each(SHELLS)("in $name", ({ argv }) => {
  test("every word comes out as it went in", () => {
    const words = attackWords(11, 2000).filter(fitsArgv);
    for (let first = 0; first < words.length; first += 80) {
      const some = words.slice(first, first + 80);
      expect(printedWords(quoteAll(["printf", "%s\\0", ...some]), { cwd: folder, shell: argv })).toEqual(some);
    }
    expect(traces(folder)).toEqual([]);
  });

  test("a step's words, environment and folder reach its program as they are, or it is refused in a sentence", () => {
    const roll = dice(12);
    let passed = 0;
    for (let round = 0; round < 150; round += 1) {
      const words = Array.from({ length: roll(4) }, () => attackWord(roll));
      const value = attackWord(roll);
      const cwd = roll(2) === 0 ? null : folderName(roll);
      const environment = { WORD: value, ...(roll(8) === 0 ? { [attackWord(roll)]: "x" } : {}) };
      const step: TargetStep = { id: "step", argv: [...PRINTER, ...words], cwd, environment, timeoutSeconds: 9, silentSeconds: 9 };
      const fault = faultOfStep(step, FOLLOW);
      expect(fault ?? "none").toMatch(/^[\w ][\w' ,;.+~0-9=-]+$/u);
      if (fault !== null || (cwd !== null && made(cwd) === null)) continue;
      const shown = printedWords(commandOf(step).text, { cwd: folder, shell: argv });
      expect(shown.slice(2)).toEqual(words);
      expect(shown[0]).toBe(value);
      expect(cwd === null || cwd === "." ? cwd : shown[1]).toBe(cwd);
      passed += 1;
    }
    expect(passed).toBeGreaterThan(50);
    expect(traces(folder)).toEqual([]);
  });

  test("what surrounds a step, the directory above all, is one parameter of our script", () => {
    const roll = dice(13);
    const run = newRun();
    for (let round = 0; round < 120; round += 1) {
      const directory = `${pick(["/", "~/", ""], roll)}${attackWord(roll)}`;
      const host = { name: "web-1", address: "127.0.0.1", port: 22, user: "deploy", directory };
      const own = Array.from({ length: roll(3) }, () => attackWord(roll));
      if (faultOfHost(host) !== null || ![directory, ...own].every(fitsArgv)) continue;
      const line = commandLine('printf "%s\\0" "$@"', "nonce", host, run, own);
      const expected = ["nonce", directory, run.installation, run.deployment, "1", "1", "1", ...own];
      expect(printedWords(line, { cwd: folder, shell: argv })).toEqual(expected);
    }
    expect(traces(folder)).toEqual([]);
  });
});

test.each([
  { what: "a NUL in a word", step: { argv: ["true", "a\0b"] } },
  { what: "a NUL in the environment", step: { environment: { A: "a\0b" } } },
  { what: "half of a character in a word", step: { argv: ["true", "\ud800"] } },
  { what: "half of a character in the environment", step: { environment: { A: "\udc00" } } },
  { what: "half of a character in the folder", step: { cwd: "a\ud800" } },
  { what: "a variable that is no name", step: { environment: { "A;touch PWNED": "x" } } },
  { what: "a variable of two lines", step: { environment: { "A\nB": "x" } } },
  { what: "an id with a path", step: { id: "../x" } },
  { what: "an id of two lines", step: { id: "a\nb" } },
  { what: "a folder that is an option", step: { cwd: "-P" } },
  { what: "a folder above", step: { cwd: "a/../../b" } },
  { what: "no program", step: { argv: [] } },
  { what: "more than a command may have", step: { argv: ["true", "x".repeat(70_000)] } },
  { what: "quotes that would grow beyond it", step: { argv: ["true", "'".repeat(60_000)] } },
])("$what is refused before anything is sent", ({ step }) => {
  const whole = { id: "step", argv: ["true"], cwd: null, environment: {}, timeoutSeconds: 9, silentSeconds: 9, ...step };
  expect(faultOfStep(whole, FOLLOW)).not.toBeNull();
});

test.each(["/", "//", "", ".", "relative", "~", "~/", "/a\nb", "/a\0b", "-x", "$(touch PWNED)", "/a\ud800"])(
  "the directory %j is refused before anything is sent",
  (directory) => {
    expect(faultOfHost({ name: "web-1", address: "web-1.test", port: 22, user: "deploy", directory })).not.toBeNull();
  },
);

describe.each(sshPlaces)("over $place", ({ skip, open }) => {
  test.skipIf(skip !== null)(
    `the same holds from acquire to release${skip === null ? "" : ` (skipped: ${skip})`}`,
    { timeout: 180_000 },
    async () => {
      const place = await open();
      try {
        const target = place.target();
        const roll = dice(14);
        let heard = 0;
        for (let round = 0; heard < 6; round += 1) {
          const name = folderName(roll);
          const words = Array.from({ length: 4 }, () => attackWord(roll)).filter(fitsArgv);
          const [value, second] = [attackWord(roll), attackWord(roll)];
          const host = { ...place.host, directory: join(place.home, name) };
          const step: TargetStep = {
            id: "step",
            argv: ["sh", "-c", 'printf "%s\\0" "$WORD" "$SECOND" "${PWD##*/}" "$@"', "printer", ...words],
            cwd: null,
            environment: { WORD: value, SECOND: second },
            timeoutSeconds: 60,
            silentSeconds: 60,
          };
          if (![name, value, second].every(fitsArgv) || faultOfHost(host) !== null || /^\.*$/u.test(name)) continue;
          mkdirSync(host.directory, { recursive: true });
          const run = newRun();
          expect(await target.acquire(host, run)).toMatchObject({ kind: "acquired" });
          const { outcome, bytes } = await hearStep(target, host, run, step);
          expect(outcome).toMatchObject({ kind: "exited", code: 0 });
          expect(bytes.toString().split("\0").slice(0, -1)).toEqual([value, second, name, ...words]);
          expect(await target.release(host, run, { succeeded: true, revision: null })).toEqual({ kind: "released" });
          heard += 1;
        }
        expect(traces(place.home)).toEqual([]);
      } finally {
        await place.close();
      }
    },
  );
});
