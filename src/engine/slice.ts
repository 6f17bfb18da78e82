import { tickDeployment } from "../db/cards.ts";
import { holdFence, setTrouble, standsFirm, type Claim } from "../db/fence.ts";
import type { RunIdentity } from "../ports.ts";
import type { Engine } from "./engine.ts";
import type { Writer } from "./writer.ts";

/** How often a follower asks whether the deployment was cancelled or taken over. */
const ASK_EVERY_MS = 1000;

/** One deployment under one claim, for one slice of time. */
export type Drive = {
  readonly engine: Engine;
  readonly claim: Claim;
  readonly identity: RunIdentity;
  readonly slice: AbortSignal;
  readonly writer: Writer;
};

/** Shows, or takes away, what the world does to this deployment; answers for how many milliseconds it has been so. */
export async function recordTrouble(driven: Drive, trouble: string | null): Promise<number> {
  const { engine, claim: mine, writer } = driven;
  if (trouble === null && writer.cleared === writer.troubles) return 0;
  if (trouble !== null) writer.troubles += 1;
  const { troubles } = writer;
  const lastedMs = await engine.db.transaction(async (tx) => {
    await holdFence(tx, mine.deployment.id, mine.epoch);
    const now = engine.clock();
    const { changed, since } = await setTrouble(tx, mine.deployment.id, trouble, now);
    if (changed) {
      await tickDeployment(tx, mine.deployment);
      if (trouble !== null) engine.log("warn", trouble, { deployment: mine.deployment.id });
    }
    return now.getTime() - since.getTime();
  });
  if (trouble === null) writer.cleared = troubles;
  return lastedMs;
}

/** Ends after the slice's time, when the process stops, when the job is taken away, or when the deployment is cancelled or overtaken. */
export function openSlice(engine: Engine, claimed: Claim, signal: AbortSignal): { slice: AbortSignal; end: () => void } {
  const cut = new AbortController();
  const timer = setTimeout(() => cut.abort(), engine.timing.sliceMs);
  const asking = setInterval(() => {
    if (claimed.deployment.state.state !== "executing") return;
    standsFirm(engine.db, claimed.deployment.id, claimed.epoch).then(
      (firm) => firm || cut.abort(),
      // The database is away: what the host does goes on, and every write of ours fails anyway.
      () => undefined,
    );
  }, ASK_EVERY_MS);
  const end = (): void => {
    clearTimeout(timer);
    clearInterval(asking);
  };
  return { slice: AbortSignal.any([cut.signal, engine.stopping, signal]), end };
}

/** Waits, or less if the signal comes first. */
export async function pause(signal: AbortSignal, ms: number): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
  });
}
