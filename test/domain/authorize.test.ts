import { describe, expect, test } from "vitest";
import { authorize, VERBS, type Verb } from "../../src/domain/authorize.ts";
import { AUTOMATIC, DORA, environmentOf, modelOf, NOTHING, person, PETRA, requested } from "./model.ts";

const environment = environmentOf();
const model = modelOf(environment);
const asked = requested(1, { changes: { ...NOTHING, authors: [{ name: "Ann", email: null, login: null, slackId: "UANN" }] } });
model.must(asked);
const deployment = model.get(asked.id);

const WHO = {
  anybody: person("UEVE"),
  requester: DORA,
  approver: PETRA,
  "approver who wrote it": person("UANN", { approver: true }),
  "on call": person("UOSCAR", { onCall: true }),
  operator: person("", { actor: { kind: "cli", user: "root" } }),
} as const;
type Who = keyof typeof WHO;

const ALL: readonly Who[] = ["anybody", "requester", "approver", "approver who wrote it", "on call", "operator"];
const PEOPLE: readonly Who[] = ["anybody", "requester", "approver", "approver who wrote it", "on call"];
const ROLLING: readonly Who[] = ["requester", "approver", "approver who wrote it", "on call", "operator"];

/** One row for every verb: who may. A verb without a row does not compile, a row without its verb fails below. */
const ROWS: Readonly<Record<Verb, readonly Who[]>> = {
  see: ALL,
  deploy: ALL,
  approve: ["approver"],
  start_now: ["approver"],
  reject: ["approver", "approver who wrote it"],
  offer_again: ["approver", "approver who wrote it"],
  delegate: ["approver", "approver who wrote it"],
  undelegate: PEOPLE,
  validate: ["anybody", "requester", "approver", "on call"],
  not_yet: PEOPLE,
  cancel: ROLLING,
  roll_back: ROLLING,
  roll_back_schema: ["approver", "approver who wrote it", "on call", "operator"],
  stop_countdown: ROLLING,
  keep_watching: ["requester", "approver", "approver who wrote it", "on call"],
  on_it: PEOPLE,
  allow_again: ["requester", "approver", "on call"],
  resolve: ROLLING,
  lock: ALL,
  unlock: ALL,
  take_over: ROLLING,
  ask_unlock: PEOPLE,
  freeze: ["approver", "approver who wrote it", "on call", "operator"],
  unfreeze: ["approver", "approver who wrote it", "on call", "operator"],
  mute: PEOPLE,
  override: ["operator"],
  log_file: ROLLING,
  false_alarm: ["requester", "approver", "approver who wrote it", "on call"],
};

describe("who may", () => {
  test.each(VERBS)("%s", (verb) => {
    expect(ALL.filter((who) => authorize(verb, WHO[who], environment, deployment) === null)).toEqual(ROWS[verb]);
  });

  const ofOnCall = VERBS.filter((verb) => ROWS[verb].includes("on call") && !ROWS[verb].includes("anybody"));
  test.each(ofOnCall)("%s is refused with the reason when nobody knows whether they are on duty", (verb) => {
    const dutyUnread = ["The duty roster duty could not be read (duty.acme.test answers HTTP 500), so nobody is on duty by it."];
    expect(authorize(verb, person("UEVE", { dutyUnread }), environment, deployment)).toMatch(/\. The duty roster duty could not be read /u);
    expect(authorize(verb, person("UEVE"), environment, deployment)).not.toContain("roster");
  });

  test("there is a row for every verb and no other", () => {
    expect(Object.keys(ROWS).toSorted()).toEqual(VERBS.toSorted());
  });
});

describe("whoever is not one of us", () => {
  const lenient = environmentOf([AUTOMATIC, "allow: { guests: true, teams: [TPARTNER] }"]);
  test.each([
    ["a deactivated account", { deactivated: true }, false, false],
    ["a bot", { bot: true }, false, false],
    ["a guest", { guest: true }, false, true],
    ["another workspace", { ours: false, team: "TOTHER" }, false, false],
    ["a listed workspace", { ours: false, team: "TPARTNER" }, false, true],
  ])("%s may nothing, unless the environment allows it", (_who, over, here, there) => {
    const standing = { ...PETRA, ...over };
    const verbs = VERBS.filter((verb) => ROWS[verb].includes("approver") && verb !== "approve");
    const may = (place: typeof environment) => new Set(verbs.map((verb) => authorize(verb, standing, place, deployment) === null));
    expect([may(environment), may(lenient)]).toEqual([new Set([here]), new Set([there])]);
  });

  test("every refusal is a sentence with its reason", () => {
    const said = VERBS.flatMap((verb) => ALL.map((who) => authorize(verb, WHO[who], environment, deployment))).filter(
      (says) => says !== null,
    );
    expect(said.filter((says) => !/^[\w@#].{15,}\.$/u.test(says))).toEqual([]);
  });
});
