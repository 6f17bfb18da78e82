import { latePings, storeLate, untold, type LatePing } from "../db/late-pings.ts";
import type { LatePings } from "../domain/card.ts";
import { mutedAmong } from "../db/mutes.ts";
import { deploymentById } from "../db/deployments.ts";
import { isWatched, type Deployment } from "../domain/deployment.ts";
import type { Engine } from "./engine.ts";

/** A call for people that could not be posted for so long is old news: it is told with the others, once. Milliseconds. */
const LATE_MS = 60_000;

/**
 * Calls for people that could not be posted in time become one message a channel. What still waits for a yes is asked for as
 * always, once; what was answered meanwhile is not asked for any more. `channel` null: in every channel.
 */
export async function gatherPings(
  engine: Engine,
  input: { readonly why: LatePings["why"]; readonly since: Date | null; readonly channel: string | null },
): Promise<void> {
  const now = engine.clock();
  await engine.db.transaction(async (tx) => {
    const found = await latePings(tx, { before: new Date(now.getTime() - LATE_MS), channel: input.channel });
    for (const all of Map.groupBy(found, (ping) => ping.channel).values()) {
      const known = all.find((ping) => ping.reply.late !== undefined);
      const fresh = all.filter((ping) => ping.reply.late === undefined);
      const asked = fresh.filter((ping) => ping.reply.ping === "approval");
      const answered = asked.filter((ping) => ping.state !== "awaiting_approval").map((ping) => ping.id);
      if (answered.length > 0) await untold(tx, answered, "it was answered before it could be asked");
      const told = fresh.filter((ping) => ping.reply.ping !== "approval");
      const [oldest] = told;
      const home = known ?? told.find((ping) => ping.posted) ?? oldest;
      if (oldest === undefined || home === undefined) continue;
      const late: LatePings = {
        why: known?.reply.late?.why ?? input.why,
        since: known?.reply.late?.since ?? input.since ?? oldest.at,
        lines: [...(known?.reply.late?.lines ?? []), ...told.map(lineOf)],
      };
      await storeLate(tx, { id: known?.id ?? engine.newId(), card: home.card, late, instead: told.map((ping) => ping.id), at: now });
    }
  });
}

/** Outside of its thread a sentence has to say what it is about. */
function lineOf({ reply, deployment, environment, app }: LatePing): LatePings["lines"][number] {
  const said = /[.!?]$/u.test(reply.text) ? reply.text : `${reply.text}.`;
  // Whoever was on duty then may not be any more.
  const duty = reply.duty === undefined ? {} : { duty: { rosters: reply.duty.rosters } };
  const called = { mention: reply.mention, ...duty, authors: reply.authors ?? [], app, deployment };
  if (reply.ping === "regression") return { ...called, text: said, over: `${said.split(":", 1)[0] ?? said}: over by now.` };
  const text = environment === null ? said : `${environment}: ${said}`;
  if (reply.ping === "rolled_back") return { app, deployment, text, over: text, mention: [], authors: [] };
  return { ...called, text, over: text };
}

/** As it is now: whoever is not needed any more is not called, and what is over is not called current. */
export async function lateNow(engine: Engine, late: LatePings): Promise<LatePings> {
  const lines = await Promise.all(
    late.lines.map(async ({ duty, ...line }) => {
      const deployment = line.deployment === null ? null : await deploymentById(engine.db, line.deployment);
      if (deployment === null || !stillWaits(deployment)) return { ...line, text: line.over, mention: [] };
      const muted = await mutedAmong(engine.db, line.authors, line.app, engine.clock());
      const onDuty = duty?.answer?.ids ?? [];
      const mention = [...new Set([...line.mention, ...onDuty, ...line.authors.filter((author) => !muted.has(author))])];
      return { ...line, ...(duty === undefined ? {} : { duty }), mention };
    }),
  );
  return { ...late, lines };
}

/** A regression that goes on, or servers that a person has to look at. */
function stillWaits({ state }: Deployment): boolean {
  if (state.state === "needs_attention" || state.state === "countdown") return true;
  return isWatched(state) && state.state === "watching" && state.verdict?.kind === "regressed" && state.verdict.ongoing;
}
