import { expect, test } from "vitest";
import type { DeploymentId } from "../../src/domain/ids.ts";
import { measured, MINUTE, rechecked, verdict, type Model, replies } from "./model.ts";
import { watchedBy, watchedShop } from "./watched-shop.ts";

const BAD = verdict("regressed", "act", true);

/** A countdown of 90 s that began now, and what Slack shows of it. */
function counting(unseen: "act" | "hold", shown: "never" | "before it began" | "since"): { model: Model; id: DeploymentId } {
  const { model, id } = watchedShop([watchedBy("site", "on_regression: rollback", "countdown: 90s", `unseen: ${unseen}`)]);
  model.pass(MINUTE);
  model.must(measured(id, BAD));
  const ms = { never: null, "before it began": -1, since: 1_000 }[shown];
  model.snapshot = { ...model.snapshot, shownAt: ms === null ? null : new Date(model.now.getTime() + ms) };
  model.pass(90_000);
  return { model, id };
}

function said(model: Model): string {
  return replies(model)
    .map(({ text }) => text)
    .join("\n");
}

test.each(["never", "before it began"] as const)("a countdown that Slack showed %s rolls back by default, and says so", (shown) => {
  const { model, id } = counting("act", shown);
  const command = rechecked(model);
  model.must(command);
  expect([model.state(id), model.state(command.id)]).toEqual(["regressed", "executing"]);
  expect(said(model)).toContain("Nobody could see the countdown");
  expect(model.history.map((entry) => entry.kind)).toContain("countdown_unseen");
});

test.each(["by the clock", "by a look"] as const)("with `unseen: hold` nothing is rolled back %s, and no other countdown begins", (by) => {
  const { model, id } = counting("hold", "never");
  const command = by === "by the clock" ? rechecked(model) : measured(id, BAD);
  model.must(command);
  expect(model.state(id)).toBe("watching");
  expect(said(model)).toContain("Greenlight waits for you");
  expect(model.history.map((entry) => entry.kind)).toContain("countdown_held");
  model.must(measured(id, BAD));
  expect(model.get(id).state).toMatchObject({ state: "watching", noSecondCountdown: true, countdownHeld: "unseen" });
});

test.each(["act", "hold"] as const)("a countdown that could be seen rolls back with `unseen: %s`, and nothing is said of it", (unseen) => {
  const { model, id } = counting(unseen, "since");
  const command = rechecked(model);
  model.must(command);
  expect([model.state(id), model.state(command.id)]).toEqual(["regressed", "executing"]);
  expect(said(model)).not.toContain("Nobody could see");
});
