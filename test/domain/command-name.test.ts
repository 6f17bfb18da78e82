import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { gate } from "../../src/domain/gate.ts";
import {
  APPROVAL,
  approved,
  AUTOMATIC,
  DORA,
  ended,
  environmentOf,
  live,
  MINUTE,
  modelOf,
  newId,
  NOTHING,
  OLAF,
  PETRA,
  rechecked,
  requested,
  type Model,
} from "./model.ts";

/** What people type here is called otherwise than by default: every sentence says it as it is. */

const HOUR = 60 * MINUTE;

function model(...lines: readonly string[]): Model {
  return modelOf(environmentOf(lines), { command: "/ship" });
}

function told({ effects }: Model): string {
  return effects.flatMap((effect) => (effect.kind === "notice" ? [effect.text] : [])).join("\n");
}

test("of a lock: to whoever is asked to let it go, and when it is about to end", () => {
  const place = model(AUTOMATIC);
  const until = new Date(place.now.getTime() + 2 * HOUR);
  place.must({ kind: "lock", standing: OLAF, reason: "a demo", until });
  place.must({ kind: "ask_unlock", standing: DORA, asked: false });
  expect(told(place)).toContain("`/ship unlock shop production` lets it go.");
  place.now = new Date(until.getTime() - 15 * MINUTE);
  place.must(rechecked(place));
  expect(told(place)).toContain("`/ship lock shop production a demo for 1h` keeps it, `/ship unlock shop production` ends it now.");
});

test("of a yes that comes too late, and of a rejection that was overtaken", () => {
  const place = model(APPROVAL);
  const late = requested(1);
  place.must(late);
  place.pass(24 * HOUR);
  expect(place.refused(approved(place, late.id)).change).toBe("Ask again with /ship.");
  const rejected = requested(2);
  place.must(rejected);
  place.must({ kind: "reject", standing: PETRA, deployment: rejected.id, reason: "no" });
  live(place, 3);
  const again = { kind: "offer_again", standing: PETRA, deployment: rejected.id, id: newId() } as const;
  expect(place.refused({ ...again, changes: NOTHING, containsBlocked: null, missing: [] }).change).toBe(
    "Ask for the version that you want now with /ship.",
  );
});

test("of a version that is allowed again", () => {
  const place = model(AUTOMATIC);
  live(place, 1);
  const deployment = live(place, 2);
  const id = newId();
  place.must({ kind: "roll_back", standing: PETRA, deployment, reason: null, id });
  place.must(ended(id));
  const allowed = place.must({ kind: "allow_again", standing: PETRA, deployment, reason: "it was the cache" });
  expect(allowed.answer).toBe("Allowed again. Ask for it with /ship.");
});

test("of a version that nobody has looked at yet", () => {
  const place = model("after: { environment: staging }", "needs: validation", APPROVAL);
  const asked = requested(1);
  place.must(asked);
  const blockers = gate(place.snapshot, place.get(asked.id), place.now);
  expect(blockers.map(({ text }) => text)).toContain('Nobody has said "looks good" on staging yet (/ship looks-good shop staging).');
});

test("no sentence of the rules or of the engine has the default's name in it", () => {
  const src = fileURLToPath(new URL("../../src", import.meta.url));
  const files = globSync("{domain,engine}/**/*.ts", { cwd: src });
  const named = files.filter((file) =>
    readFileSync(join(src, file), "utf8")
      .split("\n")
      .some((line) => /(?<![\w./-])\/deploy\b/u.test(line) && !/^\s*(?:\/?\*|\/\/)/u.test(line)),
  );
  expect(files.length).toBeGreaterThan(200);
  expect(named).toEqual([]);
});
