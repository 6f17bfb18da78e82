import { describe, expect, test } from "vitest";
import type { Effect } from "../../src/domain/environment.ts";
import {
  APPROVAL,
  approved,
  AUTOMATIC,
  DORA,
  environmentOf,
  live,
  MINUTE,
  modelOf,
  newId,
  OLAF,
  person,
  PETRA,
  rechecked,
  requested,
  stateOf,
  type Model,
} from "./model.ts";

const HOUR = 60 * MINUTE;
const OPERATOR = person("", { actor: { kind: "cli", user: "root" } });
const OSCAR = person("UOSCAR", { onCall: true });
const EVE = person("UEVE");

/** Who is told what, of the last decision. */
function notices(model: Model): readonly (readonly [to: string, text: string])[] {
  return model.effects.flatMap((effect) => (effect.kind === "notice" ? [[effect.to, effect.text] as const] : []));
}

function rechecksAt(effects: readonly Effect[]): readonly (number | null)[] {
  return effects.flatMap((effect) => (effect.kind === "recheck" ? [effect.at?.getTime() ?? null] : []));
}

function locked(model: Model, standing = OLAF, ms = 2 * HOUR): Date {
  const until = new Date(model.now.getTime() + ms);
  model.must({ kind: "lock", standing, reason: "a demo", until });
  return until;
}

function set(model: Model, standing = PETRA, ms = 2 * HOUR): Date {
  const until = new Date(model.now.getTime() + ms);
  model.must({ kind: "freeze", standing, reason: "the sale", until });
  return until;
}

function keys(model: Model): readonly string[] {
  return model.effects.flatMap((effect) => (effect.kind === "notice" ? [effect.key] : []));
}

describe("a lock", () => {
  test("is looked at at once, before its end, and at its end, which it always has", () => {
    const model = modelOf(environmentOf([AUTOMATIC]));
    const until = locked(model).getTime();
    expect(rechecksAt(model.effects)).toEqual([null, until - 15 * MINUTE, until]);
    locked(model, OLAF, 20 * MINUTE);
    expect(rechecksAt(model.effects).at(1)).toBe(model.now.getTime() + 15 * MINUTE);
    for (const days of [0, -1, 15]) {
      const end = new Date(model.now.getTime() + days * 24 * HOUR);
      expect(model.refused({ kind: "lock", standing: OLAF, reason: "for ever", until: end }).title).toMatch(/^Not locked: /u);
    }
    expect(model.snapshot.lock?.reason).toBe("a demo");
  });

  test("names its owner to whoever wants one too, and offers to ask them", () => {
    const model = modelOf(environmentOf([AUTOMATIC]));
    const until = locked(model);
    const refusal = model.refused({ kind: "lock", standing: EVE, reason: "mine", until });
    expect(refusal).toMatchObject({
      title: "Not locked: uolaf holds it already: a demo",
      reasons: [{ rule: "lock", owner: "uolaf", liftsAt: until }],
      askUnlock: { app: "shop", environment: "production" },
    });
    expect(refusal.change).toContain(until.toISOString());
  });

  test("tells its owner once that it is about to end, and what waits behind it", () => {
    const model = modelOf(environmentOf([AUTOMATIC]));
    const until = locked(model);
    model.must(requested(1));
    model.must(rechecked(model));
    model.now = new Date(until.getTime() - 16 * MINUTE);
    model.must(rechecked(model));
    expect(notices(model)).toEqual([]);
    model.pass(MINUTE);
    model.must(rechecked(model));
    expect(notices(model)).toEqual([["UOLAF", expect.stringContaining(`ends at ${until.toISOString()}. #1 waits behind it.`)]]);
    model.must(rechecked(model));
    expect(notices(model)).toEqual([]);
    expect(model.snapshot.lock).toMatchObject({ reason: "a demo", until });
    // A longer one is told of again.
    const later = locked(model, OLAF, HOUR);
    model.now = new Date(later.getTime() - 14 * MINUTE);
    model.must(rechecked(model));
    expect(notices(model).filter(([, text]) => text.includes("ends at"))).toHaveLength(1);
  });

  test("tells its owner of each deployment that begins to wait behind it, and of none of their own", () => {
    const model = modelOf(environmentOf([AUTOMATIC]));
    const until = locked(model);
    model.must(requested(1));
    model.must(rechecked(model));
    expect(notices(model)).toEqual([
      ["UOLAF", `#1, asked for by udora, waits behind your lock of shop/production (a demo, until ${until.toISOString()}).`],
    ]);
    model.must(rechecked(model));
    expect(notices(model)).toEqual([]);
    model.must(requested(2, { standing: OLAF }));
    model.must(rechecked(model));
    expect(notices(model)).toEqual([]);
  });

  test("tells its owner too of what an approval lets wait", () => {
    const model = modelOf(environmentOf([APPROVAL]));
    locked(model);
    const command = requested(1);
    model.must(command);
    model.must(approved(model, command.id, PETRA));
    const told = notices(model);
    model.must(rechecked(model));
    expect([...told, ...notices(model)].filter(([to]) => to === "UOLAF")).toHaveLength(1);
  });

  test("shows on what is queued already, and lets it start when it ends by itself", () => {
    const model = modelOf(environmentOf([AUTOMATIC, 'freeze: [{ days: [mon], from: "09:00", to: "09:30", timezone: UTC }]']));
    const command = requested(1);
    model.must(command);
    model.must(rechecked(model));
    const until = locked(model, OLAF, HOUR);
    model.must(rechecked(model));
    expect(stateOf(model, command.id, "queued").blockers.map(({ rule }) => rule)).toEqual(["lock", "freeze"]);
    model.now = new Date(until.getTime() - 1);
    model.must(rechecked(model));
    expect(model.state(command.id)).toBe("queued");
    expect(rechecksAt(model.effects)).toContain(until.getTime());
    model.now = until;
    model.must(rechecked(model));
    expect(model.state(command.id)).toBe("executing");
  });

  test.each([
    ["who may approve", PETRA, true],
    ["who is on call", OSCAR, true],
    ["the operator", OPERATOR, true],
    ["its owner", OLAF, false],
  ])("taken off by %s tells its owner, unless it was them", (_who, standing, told) => {
    const model = modelOf(environmentOf([APPROVAL]));
    locked(model);
    model.must({ kind: "unlock", standing, reason: "the fix has to go out" });
    expect(model.snapshot.lock).toBeNull();
    expect(notices(model).map(([to]) => to)).toEqual(told ? ["UOLAF"] : []);
    expect(notices(model).map(([, text]) => text.replace(/^.* took/u, "took"))).toEqual(
      told ? ["took off your lock of shop/production (a demo): the fix has to go out."] : [],
    );
    expect(model.history.at(-1)).toMatchObject({ kind: "unlocked", actor: standing.actor, body: { reason: "the fix has to go out" } });
    expect(rechecksAt(model.effects)).toEqual([null]);
  });

  test("is not taken off by anybody, who may ask its owner instead", () => {
    const model = modelOf(environmentOf([APPROVAL]));
    locked(model);
    expect(model.refused({ kind: "unlock", standing: EVE })).toMatchObject({
      who: "uolaf",
      askUnlock: { app: "shop", environment: "production" },
    });
    const standing = person("UEVE", { dutyUnread: ["The duty roster duty could not be read."] });
    expect(model.refused({ kind: "unlock", standing }).change).toContain("is on call here. The duty roster duty could not be read.");
    expect(model.snapshot.lock).not.toBeNull();
  });
});

describe("asking to unlock", () => {
  test("tells the owner who asks and what waits, and the asker that they were told", () => {
    const model = modelOf(environmentOf([AUTOMATIC]));
    const until = locked(model);
    for (const revision of [1, 2]) model.must(requested(revision));
    model.must(rechecked(model));
    const decision = model.must({ kind: "ask_unlock", standing: DORA, asked: false });
    expect(notices(model)).toEqual([
      [
        "UOLAF",
        expect.stringContaining(
          `udora asks you to unlock shop/production: #1 and #2 wait behind your lock (a demo, until ${until.toISOString()}).`,
        ),
      ],
    ]);
    expect(decision.answer).toContain("uolaf is told");
    expect(model.history.at(-1)).toMatchObject({ kind: "asked_to_unlock", actor: DORA.actor });
  });

  test("has one key for each asker and lock, so that it is told once", () => {
    const model = modelOf(environmentOf([AUTOMATIC]));
    const ask = (standing = DORA): readonly string[] => {
      model.must({ kind: "ask_unlock", standing, asked: false });
      return keys(model);
    };
    locked(model);
    const [once, again, other] = [ask(), ask(), ask(EVE)];
    model.pass(MINUTE);
    locked(model);
    const next = ask();
    expect(again).toEqual(once);
    expect(new Set([...once, ...other, ...next]).size).toBe(3);
    expect([...once, ...other].every((key) => key.startsWith("ask:"))).toBe(true);
  });

  test("a second time says so, and tells nobody again", () => {
    const model = modelOf(environmentOf([AUTOMATIC]));
    locked(model);
    expect(model.must({ kind: "ask_unlock", standing: DORA, asked: true }).answer).toContain("already");
    expect([model.effects, model.history.at(-1)?.kind]).toEqual([[], "locked"]);
  });

  test.each([
    ["nobody", null, DORA, "nobody holds shop/production any more"],
    ["oneself", OLAF, OLAF, "you hold shop/production yourself"],
    ["the operator", OPERATOR, DORA, "root (command line) locked it on the bot's machine"],
  ])("is refused with its reason where it would ask %s", (_whom, owner, standing, because) => {
    const model = modelOf(environmentOf([AUTOMATIC]));
    if (owner !== null) locked(model, owner);
    expect(model.refused({ kind: "ask_unlock", standing, asked: false }).title).toContain(because);
  });
});

describe("a freeze that somebody sets", () => {
  test("holds everybody, also its owner and what was approved before, until it ends by itself", () => {
    const model = modelOf(environmentOf([APPROVAL]));
    const command = requested(1, { standing: PETRA });
    model.must(command);
    const until = set(model);
    const { answer } = model.must(approved(model, command.id, OLAF));
    expect(answer).toContain(`It starts when it is open again, at ${until.toISOString()}: upetra froze it: the sale`);
    model.must(rechecked(model));
    expect(stateOf(model, command.id, "queued")).toMatchObject({
      blockers: [{ rule: "freeze", text: "upetra froze it: the sale", owner: "upetra", liftsAt: until }],
      recheckAt: until,
    });
    model.now = until;
    model.must(rechecked(model));
    expect(model.state(command.id)).toBe("executing");
  });

  test.each([
    ["an approver", PETRA, true],
    ["on-call people", OSCAR, true],
    ["the operator", OPERATOR, true],
    ["anybody else", EVE, false],
  ])("may be set and lifted by %s: %o", (_who, standing, may) => {
    const model = modelOf(environmentOf([APPROVAL]));
    const until = new Date(model.now.getTime() + HOUR);
    const outcome = model.do({ kind: "freeze", standing, reason: "the sale", until });
    const refusal = outcome.ok ? null : outcome.refusal;
    expect([outcome.ok, refusal?.who ?? null]).toEqual([may, may ? null : "@product-owners and those on call"]);
    expect(refusal?.title ?? "").toMatch(may ? /^$/u : /^Not frozen: approvers and on-call people/u);
    if (!may) set(model);
    expect(model.do({ kind: "unfreeze", standing }).ok).toBe(may);
  });

  test("lifted by somebody else tells who set it; set by somebody else it stays", () => {
    const model = modelOf(environmentOf([APPROVAL]));
    const until = set(model);
    expect(model.refused({ kind: "freeze", standing: OSCAR, reason: "mine", until }).title).toContain(
      `upetra froze shop/production until ${until.toISOString()}: the sale`,
    );
    model.must({ kind: "unfreeze", standing: OSCAR, reason: "it is over" });
    expect(notices(model)).toEqual([["UPETRA", "uoscar lifted your freeze of shop/production (the sale): it is over."]]);
    expect(model.refused({ kind: "unfreeze", standing: OSCAR }).title).toBe("Nothing to lift: nobody froze shop/production.");
    set(model);
    model.must({ kind: "unfreeze", standing: PETRA });
    expect(notices(model)).toEqual([]);
  });

  test("always ends", () => {
    const model = modelOf(environmentOf([APPROVAL]));
    for (const days of [0, 15]) {
      const until = new Date(model.now.getTime() + days * 24 * HOUR);
      expect(model.refused({ kind: "freeze", standing: PETRA, reason: "for ever", until }).title).toMatch(/^Not frozen: /u);
    }
    expect(model.snapshot.freeze).toBeNull();
  });

  test("stops no rollback, and no lock does; whoever set them is told", () => {
    const model = modelOf(environmentOf([APPROVAL, 'freeze: [{ days: [mon], from: "11:00", to: "12:00", timezone: UTC }]']));
    live(model, 1);
    const bad = live(model, 2);
    model.now = new Date("2026-03-02T11:30:00Z");
    set(model, OSCAR);
    locked(model);
    const id = newId();
    model.must({ kind: "roll_back", standing: PETRA, deployment: bad, reason: "it is broken", id });
    expect(model.state(id)).toBe("executing");
    expect(notices(model)).toContainEqual([
      "UOSCAR",
      expect.stringContaining("upetra is rolling back #2 in shop/production although you froze it (the sale)"),
    ]);
    expect(notices(model)).toContainEqual([
      "UOLAF",
      expect.stringContaining("upetra is rolling back #2 in shop/production although you hold it ("),
    ]);
    expect(model.effects.some((effect) => effect.kind === "reply" && effect.reply.mention.length > 0)).toBe(false);
  });
});
