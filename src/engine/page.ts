import { deploymentById } from "../db/deployments.ts";
import { duePage, markPage, type DuePage } from "../db/incidents.ts";
import { addReply } from "../db/replies.ts";
import { callOnCall } from "../domain/duty.ts";
import type { DeploymentId } from "../domain/ids.ts";
import { threadReply } from "../domain/thread-reply.ts";
import { environmentOf, type Engine } from "./engine.ts";

/** A pager that is away is called again soon, then every few minutes (PagerDuty asks for a backoff of minutes). */
const AGAIN_MS = 5_000;
const AGAIN_MOST_MS = 5 * 60_000;
/** By then somebody has seen it in Slack, or nobody ever will. */
const GIVE_UP_MS = 24 * 3_600_000;
/** A call is made after those before it: an end that overtakes its beginning would wake somebody for what is over. */
const TURN_MS = 2_000;
/** Slack is told that a pager does not answer once this many calls failed: one may be chance. */
const TROUBLE_AFTER = 3;

/** Makes one call, at least once; every try has the same id, and what was taken or refused for good is not made again. */
export async function page(engine: Engine, call: { readonly deployment: DeploymentId; readonly sequence: number }): Promise<void> {
  const due = await duePage(engine.db, call.deployment, call.sequence);
  if (due === null) return;
  const now = engine.clock();
  if (!due.first) return engine.jobs.send(engine.db, "page", call, new Date(now.getTime() + TURN_MS));
  const tries = due.tries + 1;
  // Nobody is woken for it any more. What the pager took without a word of it hears the rest.
  if (!due.isNeeded && due.page.event === "trigger")
    return markPage(engine.db, due, { tries, failedBecause: "somebody took it, or it was over, before the pager could be reached" });
  const answer = await engine.pager.call(due.connection, `${call.deployment}.${call.sequence}`, due.page);
  if (answer.kind === "taken") return markPage(engine.db, due, { tries, sentAt: engine.clock() });
  const { because } = answer;
  engine.log("warn", because, { deployment: call.deployment, pager: due.connection });
  if (answer.kind === "refused" || now.getTime() - due.at.getTime() > GIVE_UP_MS) {
    await markPage(engine.db, due, { tries, failedBecause: because });
    return say(engine, due, `page-refused:${call.sequence}`, `Nobody is paged: ${because}.`);
  }
  const pauseMs = Math.max(answer.afterMs ?? 0, Math.min(AGAIN_MS * 2 ** due.tries, AGAIN_MOST_MS));
  await engine.db.transaction(async (tx) => {
    await markPage(tx, due, { tries });
    await engine.jobs.send(tx, "page", call, new Date(engine.clock().getTime() + pauseMs));
  });
  if (tries === TROUBLE_AFTER)
    await say(engine, due, `page-trouble:${call.sequence}`, `Nobody is paged yet: ${because}. It is tried again.`);
}

/** Whoever reads Slack is the only one left who can know; the end of a call that nobody heard needs no words. */
async function say(engine: Engine, { deployment: id, page: { event } }: DuePage, key: string, text: string): Promise<void> {
  const deployment = await deploymentById(engine.db, id);
  if (deployment === null || event !== "trigger") return;
  const called = callOnCall(environmentOf(engine, deployment.environmentId)?.environment ?? { onCall: [] });
  await engine.db.transaction((tx) =>
    addReply(tx, {
      id: engine.newId(),
      deployment: id,
      at: engine.clock(),
      body: threadReply({ key, kind: "ping", ...called, text }),
    }),
  );
}
