import { describe, expect, test } from "vitest";
import { positionWords, queueOf } from "../../src/domain/queue.ts";
import type { DeploymentId } from "../../src/domain/ids.ts";
import {
  APPROVAL,
  approved,
  AUTOMATIC,
  ended,
  environmentOf,
  live,
  MINUTE,
  modelOf,
  newId,
  offered,
  OLAF,
  person,
  PETRA,
  rechecked,
  requested,
  started,
  type Model,
} from "./model.ts";

const USUAL = 10 * MINUTE;
const ANN = person("UANN");

/** Asked for by people in this order, one minute apart. */
function asked(model: Model, ...revisions: readonly number[]): readonly DeploymentId[] {
  return revisions.map((revision) => {
    const command = requested(revision, { standing: ANN });
    model.must(command);
    model.pass(MINUTE);
    return command.id;
  });
}

function places(model: Model, usualMs: number | null = USUAL): readonly string[] {
  return queueOf(model.snapshot, { now: model.now, usualMs }).map((place) => {
    const minutes = place.startsAt === null ? "?" : String((place.startsAt.getTime() - model.now.getTime()) / MINUTE);
    return `#${place.deployment.number} ${positionWords(place)} +${minutes}`;
  });
}

describe("a place in the queue", () => {
  test("is counted in the order of asking, and the start from the usual time of those before", () => {
    const model = modelOf(environmentOf([AUTOMATIC]));
    started(model, 1);
    asked(model, 2, 3, 4);
    expect(places(model)).toEqual(["#2 1st of 3 +7", "#3 2nd of 3 +17", "#4 3rd of 3 +27"]);
    const [first] = queueOf(model.snapshot, { now: model.now, usualMs: USUAL });
    expect(first?.blockers.map(({ rule, text }) => [rule, text])).toEqual([["occupied", "#1 is being deployed."]]);
  });

  test("moves up when one before is cancelled, and when one starts", () => {
    const model = modelOf(environmentOf([AUTOMATIC]));
    const running = started(model, 1);
    const [second = newId()] = asked(model, 2, 3, 4);
    model.must({ kind: "cancel", standing: ANN, deployment: second, thenRollBack: false });
    expect(places(model)).toEqual(["#3 1st of 2 +7", "#4 2nd of 2 +17"]);
    model.must(ended(running));
    model.must(rechecked(model));
    expect(places(model)).toEqual(["#4 next +10"]);
  });

  test("has no estimate where nothing was ever timed, or it takes longer than it does", () => {
    const model = modelOf(environmentOf([AUTOMATIC]));
    started(model, 1);
    asked(model, 2, 3);
    expect(places(model, null)).toEqual(["#2 1st of 2 +?", "#3 2nd of 2 +?"]);
    model.pass(8 * MINUTE);
    expect(places(model)).toEqual(["#2 1st of 2 +?", "#3 2nd of 2 +?"]);
  });

  test("waits for the end of a lock, and lets those go first that it does not hold", () => {
    const model = modelOf(environmentOf([AUTOMATIC]));
    model.must({ kind: "lock", standing: OLAF, reason: "a demo", until: new Date(model.now.getTime() + 60 * MINUTE) });
    asked(model, 1);
    const own = requested(2, { standing: OLAF });
    model.must(own);
    expect(places(model)).toEqual(["#1 1st of 2 +59", "#2 2nd of 2 +0"]);
  });

  test("is found behind a window that begins before the one before is done", () => {
    const freeze = 'freeze: [{ days: [mon], from: "09:05", to: "11:00", timezone: UTC }]';
    const model = modelOf(environmentOf([AUTOMATIC, freeze]));
    started(model, 1);
    asked(model, 2);
    // 09:01 now; #1 is done at 09:10, in the window.
    expect(places(model)).toEqual(["#2 next +119"]);
    const [place] = queueOf(model.snapshot, { now: model.now, usualMs: USUAL });
    expect(place?.opensAt).toBeNull();
  });

  test("of one that waits for a person is unknown, and it holds nobody up", () => {
    const model = modelOf(environmentOf([AUTOMATIC, "after: { environment: staging }"]), {
      after: [{ revision: requested(3).revision, liveAt: new Date("2026-03-02T08:00:00Z"), state: "succeeded", number: 1 }],
    });
    asked(model, 2, 3);
    expect(places(model)).toEqual(["#1 1st of 2 +?", "#2 2nd of 2 +0"]);
  });

  test("whose yeses are too old by then is unknown: it will have to ask again", () => {
    const environment = environmentOf(['approval: { from: ["@product-owners"], count: 1, expires: 1h }']);
    const model = modelOf(environment);
    model.must({ kind: "lock", standing: OLAF, reason: "a demo", until: new Date(model.now.getTime() + 90 * MINUTE) });
    const command = requested(1);
    model.must(command);
    model.must(approved(model, command.id, PETRA));
    expect(places(model)).toEqual(["#1 next +?"]);
    model.must({ kind: "lock", standing: OLAF, reason: "a short demo", until: new Date(model.now.getTime() + 30 * MINUTE) });
    expect(places(model)).toEqual(["#1 next +30"]);
  });

  test("a rollback is before all others, and nobody knows how long it takes", () => {
    const model = modelOf(environmentOf([AUTOMATIC]));
    live(model, 1);
    const bad = live(model, 2);
    started(model, 3);
    asked(model, 4);
    model.must({ kind: "roll_back", standing: PETRA, deployment: bad, reason: null, id: newId() });
    expect(places(model)).toEqual(["#5 before all others +?", "#4 next +?"]);
  });

  test.each([
    [{ position: 1, of: 1 }, "next"],
    [{ position: 1, of: 2 }, "1st of 2"],
    [{ position: 11, of: 13 }, "11th of 13"],
    [{ position: 22, of: 23 }, "22nd of 23"],
    [{ position: 103, of: 113 }, "103rd of 113"],
    [{ position: 112, of: 113 }, "112th of 113"],
    [{ position: 0, of: 4 }, "before all others"],
  ])("is said as people do: %o", (place, words) => {
    expect(positionWords(place)).toBe(words);
  });
});

describe("a newer candidate, with automatic deployment", () => {
  test("takes the place of a queued one, never of one that runs", () => {
    const model = modelOf(environmentOf([AUTOMATIC]));
    const [first, second, third] = [offered(1), offered(2), offered(3)];
    model.must(first);
    model.must(rechecked(model));
    model.must(second);
    model.must(rechecked(model));
    model.must(third);
    expect([first, second, third].map(({ id }) => model.state(id))).toEqual(["executing", "superseded", "queued"]);
    model.must(rechecked(model));
    expect(places(model)).toEqual(["#3 next +10"]);
  });

  test("leaves what people asked for in its place, and queues behind it", () => {
    const model = modelOf(environmentOf([AUTOMATIC]));
    started(model, 1);
    const [mine = newId()] = asked(model, 2);
    const newer = offered(5);
    model.must(newer);
    const newest = offered(6);
    model.must(newest);
    expect(model.state(mine)).toBe("queued");
    expect(model.state(newer.id)).toBe("superseded");
    expect(places(model)).toEqual(["#2 1st of 2 +9", "#4 2nd of 2 +19"]);
  });

  test("leaves what was approved and queues where people decide", () => {
    const model = modelOf(environmentOf([APPROVAL]));
    started(model, 1);
    const command = requested(2, { standing: ANN });
    model.must(command);
    model.must(approved(model, command.id));
    const newer = offered(3);
    model.must(newer);
    expect([model.state(command.id), model.state(newer.id)]).toEqual(["queued", "awaiting_approval"]);
  });
});
