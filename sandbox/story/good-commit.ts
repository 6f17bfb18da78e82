import { CHANNEL, PEOPLE } from "../world/team.ts";
import { cardsOf, titleOf } from "./cards.ts";
import type { Telling } from "./chapter.ts";
import { cardOf, offering, press, runsEverywhere, whileHopeful } from "./chapter.ts";
import { expect, until } from "./expectation.ts";
import { pushGood } from "./tale.ts";
import { expectOneDeployment } from "./witness.ts";

/** From a push to healthy in production, with a refusal before and a killed bot in between. */
export async function goodCommit(telling: Telling): Promise<string> {
  const { world, tale, tell, witness } = telling;
  const pushed = await pushGood(world, tale);
  tell(`Bob merges "${pushed.title}" (${pushed.sha.slice(0, 7)}).`);
  await offering(world, "approve");
  tell("Tests and acceptance have passed, it is on staging, and production waits for a yes.");
  expect("staging runs the commit before production is asked", (await world.servers.staging.running()) === pushed.sha);
  expectOneDeployment("staging", witness, { servers: ["staging-1"], revision: pushed.sha, migrates: true });
  witness.begin();
  await refuseEve(telling);
  await approveAndKill(telling);
  await runsEverywhere(world, pushed.sha);
  tell("Both servers run it.");
  await until("the card says that it is healthy", () => titleOf(cardOf(world, 1)).startsWith("Healthy"), whileHopeful(world));
  expectOneDeployment("production", witness, { servers: ["web-1", "web-2"], revision: pushed.sha, migrates: true });
  await expectOneFetch(telling, pushed.sha, 1);
  const errors = world.sentry.counts({ release: pushed.sha, environment: "production" }).unhandled;
  expect("no visitor met an error of the good commit", errors === 0, () => `${errors} errors`);
  tell("The watch has ended: healthy. No step ran twice, and the story is in one card.");
  return pushed.sha;
}

/** HEAD of each production checkout was set to the revision so often. */
export async function expectOneFetch(telling: Telling, revision: string, times: number): Promise<void> {
  const { web1, web2 } = telling.world.servers;
  for (const server of [web1, web2]) {
    const found = await server.checkedOut(revision);
    expect(
      `${revision.slice(0, 7)} was checked out on ${server.name} exactly ${times === 1 ? "once" : `${times} times`}`,
      found === times,
      () => `${found} times`,
    );
  }
}

async function refuseEve({ world, tell, witness }: Telling): Promise<void> {
  await press(world, PEOPLE.eve, await offering(world, "approve"), "approve");
  const refusal = await until("Eve is told why she may not", () => world.slack.ephemerals(PEOPLE.eve).at(-1));
  expect(
    "Eve is told that she may not approve",
    refusal.text.startsWith("Not deployed") && refusal.text.includes("Nothing has changed"),
    () => refusal.text,
  );
  const others = Object.values(PEOPLE).filter((id) => id !== PEOPLE.eve);
  const isSeen =
    others.some((id) => world.slack.ephemerals(id).length > 0) ||
    world.slack.messages(CHANNEL.id).some((one) => one.text.includes("Not deployed"));
  expect("only Eve sees her refusal", !isSeen);
  expect("nothing ran on production before somebody approved", witness.seen().length === 0);
  tell(`Eve presses Approve & Deploy and alone reads: ${refusal.text.slice(0, 90)}…`);
}

async function approveAndKill({ world, tale, tell, witness }: Telling): Promise<void> {
  await press(world, PEOPLE.ann, await offering(world, "approve"), "approve");
  tell("Ann approves.");
  const begun = () => witness.seen().some((one) => one.server === "web-1" && one.command === "collectstatic");
  await until("web-1 is at work", begun, whileHopeful(world));
  await world.bot.kill();
  tale.killed = true;
  tell("The bot is killed in the middle of it (kill -9), and started again.");
  const edits = cardsOf(world.slack).at(-1)?.editCount ?? 0;
  world.bot.start();
  await world.bot.ready();
  tell("The bot is up again.");
  await until("the card goes on after the restart", () => (cardsOf(world.slack).at(-1)?.editCount ?? 0) > edits, whileHopeful(world));
  tell("It goes on with the same card.");
}
