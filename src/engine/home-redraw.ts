import { homeFingerprint } from "../db/home-facts.ts";
import { forgetViewer, markHomeDrawn, openHome, viewersSince } from "../db/home-viewers.ts";
import { frozenUntil } from "../domain/freeze.ts";
import type { Home } from "../domain/home.ts";
import type { Engine } from "./engine.ts";
import { homeOf } from "./home.ts";
import { SlackSilent } from "./seen-by.ts";

/** Whoever opened it longer ago than this sees what is so when they open it again. */
const VIEWED_MS = 24 * 3_600_000;
/** More people than one painter can draw for in the pace that Slack allows; those who opened it last come first. */
const MOST_VIEWERS = 500;
/** How often is looked whether anything has changed. */
const LOOK_MS = 1_000;
/** What no row tells of (who is in a group, how near a date is) is read again this often. */
const AGAIN_MS = 10 * 60_000;
/** The calendar is read once a minute: its windows begin and end with one. */
const MINUTE_MS = 60_000;

type DueHome = { readonly user: string; readonly drawnHash: string | null };
type Looked = { readonly fingerprint: string; readonly hash: string; readonly at: number };
type Loaded = { readonly kind: "show"; readonly home: Home } | { readonly kind: "dropped" } | { readonly kind: "later" };

/** Whose Home tab may be out of date, for whoever draws it. What was drawn is stored; who was looked at is only remembered. */
export function homeRedraw(engine: Engine) {
  const { db, clock } = engine;
  const looked = new Map<string, Looked>();
  const calendar = calendarOf(engine);
  let known = { fingerprint: "", at: Number.NEGATIVE_INFINITY };

  async function fingerprint(): Promise<string> {
    const now = clock();
    if (Math.abs(now.getTime() - known.at) >= LOOK_MS)
      known = { fingerprint: `${await homeFingerprint(db, now)} ${calendar(now)}`, at: now.getTime() };
    return known.fingerprint;
  }

  function lookedAt(user: string): number {
    return looked.get(user)?.at ?? 0;
  }

  return {
    /** Who may see something else than what is so, longest not looked at first. Empty: nobody, or nobody looks. */
    async due(): Promise<readonly DueHome[]> {
      const viewers = await viewersSince(db, new Date(clock().getTime() - VIEWED_MS), MOST_VIEWERS);
      if (viewers.length === 0) return [];
      const current = await fingerprint();
      return viewers
        .filter(({ slackId, drawnHash }) => {
          const before = looked.get(slackId);
          if (before === undefined || before.fingerprint !== current || before.hash !== drawnHash) return true;
          return Math.abs(clock().getTime() - before.at) >= AGAIN_MS;
        })
        .map(({ slackId, drawnHash }) => ({ user: slackId, drawnHash }))
        .toSorted((one, other) => lookedAt(one.user) - lookedAt(other.user));
    },
    async load(user: string): Promise<Loaded> {
      // What changes while it is read is looked at once more.
      looked.set(user, { fingerprint: await fingerprint(), hash: "", at: clock().getTime() });
      const person = await engine.directory.person(user).catch(() => "silent" as const);
      if (person === "silent") return { kind: "later" };
      if (person === null || person.deleted || person.bot) return { kind: "dropped" };
      const home = await homeOf(engine, user).catch((error: unknown) => {
        if (!(error instanceof SlackSilent)) engine.report(error, { doing: "reading what the Home tab shows", user });
        return null;
      });
      return home === null ? { kind: "later" } : { kind: "show", home };
    },
    /** It shows what has this hash. */
    async drawn(user: string, hash: string, changed: boolean): Promise<void> {
      const before = looked.get(user);
      if (before !== undefined) looked.set(user, { ...before, hash });
      if (changed) await markHomeDrawn(db, user, hash);
    },
    /** It cannot be drawn for them. */
    async lost(user: string, because: string): Promise<void> {
      engine.log("warn", `the Home tab is not drawn again: ${because}`, { user });
      looked.delete(user);
      await forgetViewer(db, user);
    },
  };
}

/** Somebody opens it: read at once, and from now on drawn again when it changes. @throws when Slack cannot be asked who that is. */
export async function openedHome(engine: Engine, user: string): Promise<Home> {
  await openHome(engine.db, user, engine.clock());
  return homeOf(engine, user);
}

/** What the calendar of the configuration closes now, in a word. */
function calendarOf({ config }: Engine): (now: Date) => string {
  const frozen = config.apps.flatMap((app) => app.environments).filter(({ freeze }) => freeze.length > 0);
  let known = { minute: Number.NaN, word: "" };
  return (now) => {
    const minute = Math.floor(now.getTime() / MINUTE_MS);
    if (minute !== known.minute) {
      const ends = frozen.map(({ freeze }) => {
        const closed = frozenUntil(freeze, now);
        return closed === null ? "" : (closed.until?.toISOString() ?? "for ever");
      });
      known = { minute, word: ends.join(" ") };
    }
    return known.word;
  };
}
