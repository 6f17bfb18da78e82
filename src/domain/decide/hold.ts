import type { CommandOf, Snapshot } from "../environment.ts";
import { isOccupying } from "../deployment.ts";
import { callOnCall } from "../duty.ts";
import { byRule, decision, end, entry, move, note, type Outcome } from "./decision.ts";
import { placeWords } from "./regression-ping.ts";

/** First contact: what a host runs without us. Known hosts keep what we know. */
export function foundLive(snapshot: Snapshot, command: CommandOf<"found_live">, now: Date): Outcome {
  const hosts = command.hosts
    .filter((found) => !snapshot.live.some((known) => known.host === found.host))
    .map((found) => ({ host: found.host, revision: found.revision, since: now, deploymentId: null, source: "read from host" as const }));
  if (hosts.length === 0) return decision({});
  return decision({
    changes: [{ kind: "live", hosts }],
    effects: [{ kind: "recheck", at: null }],
    history: [
      entry("found_live", null, byRule("read from the hosts"), {
        hosts: hosts.map((host) => ({ host: host.host, revision: host.revision })),
      }),
    ],
  });
}

/** The database is older than the world: nothing starts until a person has looked. */
export function restored(snapshot: Snapshot, command: CommandOf<"restored">, now: Date): Outcome {
  const running = snapshot.open.filter((deployment) => isOccupying(deployment.state) && deployment.state.state !== "needs_attention");
  return decision({
    changes: [
      { kind: "hold", because: command.because },
      ...running.map((deployment) =>
        move(deployment, {
          state: "needs_attention",
          since: now,
          because: command.because,
          during: deployment.state.state === "cancelling" ? "cancelling" : "executing",
        }),
      ),
    ],
    history: [entry("restored", null, byRule(command.because))],
  });
}

/** What waits is cancelled; what runs goes on by its stored plan. A countdown ends: no press could stop it, and no card shows it. */
export function gone(snapshot: Snapshot, now: Date): Outcome {
  const because = "the environment is not in the configuration any more";
  const waiting = snapshot.open.filter(
    (deployment) => deployment.state.state === "awaiting_approval" || deployment.state.state === "queued",
  );
  const text = `Regression in ${placeWords(snapshot)}: ${because}, so Greenlight rolls nothing back there. Look after it by hand.`;
  const called = callOnCall(snapshot.environment);
  const counted = snapshot.open.flatMap((deployment) =>
    deployment.state.state === "countdown" ? [{ deployment, state: deployment.state }] : [],
  );
  return decision({
    changes: [
      ...waiting.map((deployment) => end(deployment, "cancelled", { now, because })),
      ...counted.map(({ deployment, state: { until, verdict } }) =>
        move(deployment, { state: "watching", until, verdict, keptBy: null, noSecondCountdown: true, countdownHeld: "not_configured" }),
      ),
    ],
    effects: counted.map(({ deployment }) =>
      note(deployment, `gone:${deployment.counter}`, text, { kind: "ping", ping: "regression", ...called }),
    ),
    history: [
      ...waiting.map((deployment) => entry("cancelled", deployment, byRule(because))),
      ...counted.map(({ deployment }) => entry("countdown_stopped", deployment, byRule(because))),
    ],
  });
}
