import { setTimeout as pause } from "node:timers/promises";
import { CHANNEL, PEOPLE } from "../world/team.ts";
import { repliesTo, shows } from "./cards.ts";
import type { Telling } from "./chapter.ts";
import { cardOf, offering, press, runsEverywhere, whileHopeful } from "./chapter.ts";
import { expect, until } from "./expectation.ts";
import { expectOneFetch } from "./good-commit.ts";
import { pushBad } from "./tale.ts";
import { expectOneDeployment } from "./witness.ts";

/** Requests that were under way at the switch, and what the SDK still holds. */
const LAST_ERRORS_MS = 3_000;
const QUIET_MS = 3_000;

/** From a push that passes all tests to the regression, the roll back, and the end of the errors. */
export async function badCommit(telling: Telling, good: string): Promise<void> {
  const { world, tale, tell, witness } = telling;
  const pushed = await pushBad(world, tale);
  tell(`Bob merges "${pushed.title}" (${pushed.sha.slice(0, 7)}), which breaks the basket.`);
  const asking = await offering(world, "approve");
  witness.begin();
  await press(world, PEOPLE.ann, asking, "approve");
  tell("It passes all its tests; Ann approves.");
  await runsEverywhere(world, pushed.sha);
  await seeRegression(telling, pushed.sha);
  expectOneDeployment("production", witness, { servers: ["web-1", "web-2"], revision: pushed.sha, migrates: true });
  await expectOneFetch(telling, pushed.sha, 1);
  witness.begin();
  await rollBack(telling, good);
  await errorsStop(telling, pushed.sha);
}

async function seeRegression({ world, tell }: Telling, bad: string): Promise<void> {
  const count = () => world.sentry.counts({ release: bad, environment: "production" });
  await until("Sentry hears of the errors of the bad commit", () => count().unhandled > 0, {
    deadlineMs: 20_000,
    seen: () => "no event came",
  });
  const card = await offering(world, "roll_back", "danger");
  expect("the alarm is on the card of the bad commit", card.ts === cardOf(world, 2).ts);
  const ping = await until("Bob, who is on call, is called in the thread", () =>
    repliesTo(world.slack, card).find((reply) => reply.text.includes(`<@${PEOPLE.bob}>`)),
  );
  expect("the ping carries the Roll back button", shows(ping, "roll_back", "danger"));
  const words = "in a file that this deployment changes";
  await until("the card says that it broke where something was changed", () => cardOf(world, 2).text.includes(words), {
    ...whileHopeful(world),
    seen: () => cardOf(world, 2).text,
  });
  tell(`The alarm: ${ping.text.replace(`<@${PEOPLE.bob}>`, "@bob")} (${count().unhandled} errors so far)`);
}

async function rollBack(telling: Telling, good: string): Promise<void> {
  const { world, tell, witness } = telling;
  await press(world, PEOPLE.bob, await offering(world, "roll_back", "danger"), "roll_back");
  tell("Bob presses Roll back.");
  await runsEverywhere(world, good);
  tell(`Both servers are back on ${good.slice(0, 7)}.`);
  await until(
    "the roll back has ended on both servers",
    () => witness.seen().filter((one) => one.command === "verify").length >= 2,
    whileHopeful(world),
  );
  expectOneDeployment("the roll back", witness, { servers: ["web-1", "web-2"], revision: good, migrates: false });
  await expectOneFetch(telling, good, 2);
}

async function errorsStop({ world, tell }: Telling, bad: string): Promise<void> {
  await until("the card says that the errors have stopped", () => cardOf(world, 2).text.includes("errors have stopped"), {
    ...whileHopeful(world),
    seen: () => cardOf(world, 2).text,
  });
  await pause(LAST_ERRORS_MS);
  // Staging still runs it: nobody rolled that back.
  const errors = () => world.sentry.counts({ release: bad, environment: "production" }).unhandled;
  const [before, visits] = [errors(), world.visitors.counts().failed];
  await pause(QUIET_MS);
  expect("Sentry hears of no more errors", errors() === before, () => `${errors() - before} in ${QUIET_MS / 1000} s`);
  expect("visitors meet no more errors", world.visitors.counts().failed === visits);
  expect(
    "each card was edited in place",
    world.slack.messages(CHANNEL.id).filter((one) => one.thread_ts === null && one.editCount > 3).length === 2,
  );
  tell("The errors have stopped, and the card says so.");
}
