import type { PainterDeps } from "./deps.ts";
import { isAway, type SlackFailure } from "./slack-errors.ts";

/** So long without any answer, and Slack is away: what happened meanwhile is told in one message afterwards. */
const AWAY_MS = 60_000;
/** After so long without a call of its own the painter asks, so that it knows also when it has nothing to draw. */
const ASK_MS = 20_000;

/** Whether Slack can be reached at all, from what becomes of the painter's own calls. */
export type Reach = {
  /** Reads what an earlier painter knew. */
  load(): Promise<void>;
  /** Since when Slack is away; null: it is not. */
  since(): Date | null;
  heard(): Promise<void>;
  failed(failure: SlackFailure): Promise<void>;
  /** Nothing was asked of Slack for so long that somebody should. */
  isQuiet(): boolean;
};

export function createReach(deps: Pick<PainterDeps, "away" | "now" | "log">, onReturn: () => void): Reach {
  let silentSince: Date | null = null;
  let away: Date | null = null;
  let askedAt = deps.now().getTime();

  async function heard(): Promise<void> {
    silentSince = null;
    askedAt = deps.now().getTime();
    if (away === null) return;
    deps.log("info", "Slack is back", { since: away.toISOString() });
    away = null;
    onReturn();
    await deps.away.over();
  }

  return {
    async load() {
      away = await deps.away.since();
    },
    since: () => away,
    isQuiet: () => deps.now().getTime() - askedAt >= ASK_MS,
    heard,
    async failed(failure) {
      // Who refuses is there.
      if (!isAway(failure)) return heard();
      const now = deps.now();
      askedAt = now.getTime();
      silentSince ??= now;
      if (away !== null || now.getTime() - silentSince.getTime() < AWAY_MS) return;
      away = silentSince;
      deps.log("warn", "Slack is away: deployments go on, and cards catch up when it is back", { since: away.toISOString() });
      await deps.away.begin(away);
    },
  };
}
