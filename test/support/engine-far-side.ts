import type { ChangeSet } from "../../src/domain/deployment.ts";
import type { LateIssues, LateLook, LateSessions, SessionsLook } from "../../src/domain/late.ts";
import type { Measurement, NewIssue } from "../../src/domain/measurement.ts";
import type { Page, Pager, PagerAnswer } from "../../src/domain/page.ts";
import type { Rosters } from "../../src/domain/duty.ts";
import type { SessionsSeen } from "../../src/domain/verdict/crash-free.ts";
import type { Directory, Monitors, RepositoryHost } from "../../src/ports.ts";

/** What providers would say, held in memory; a test changes it at any time. */
export type FarSide = {
  readonly codeHost: RepositoryHost;
  readonly directory: Directory;
  readonly monitors: Monitors & LateIssues & LateSessions;
  readonly pager: Pager;
  readonly rosters: Rosters;
  /** What duty rosters are asked through; a test gives it another way. */
  readonly duty: { ask: Rosters["ask"] };
  /** What a pager heard, in order, and what it answers; without a word it takes everything. */
  readonly paged: { readonly calls: { readonly id: string; readonly page: Page }[]; answer: PagerAnswer | null };
  /** Slack ids by handle of a user group, with its `@`. */
  readonly groups: Map<string, readonly string[]>;
  /** Members of private channels, by the name of the configuration; every other channel is public. */
  readonly hidden: Map<string, readonly string[]>;
  /** What the next looks see; without one, a gap. */
  readonly seen: {
    late?: (look: LateLook) => readonly NewIssue[] | null;
    sessions?: (look: SessionsLook) => SessionsSeen | null;
    sentry: ((look: number, now: Date) => Measurement) | null;
    http: ((look: number, now: Date) => Measurement) | null;
  };
  /** What the code host was told of deployments, in order. */
  readonly told: string[];
  /** What acceptance runs were told that it was asked to start, in order; the nth is `acceptance-n`. */
  readonly started: Readonly<Record<string, string>>[];
};

export const NO_CHANGES: ChangeSet = { changes: [], complete: true, behind: 0, compareUrl: null, authors: [] };

/** The far side of the wire: a code host without a token, a directory of user groups, monitors that see what a test says. */
export function farSide(): FarSide {
  const groups = new Map<string, readonly string[]>([["@product-owners", ["UPETRA"]]]);
  const seen: FarSide["seen"] = { sentry: null, http: null };
  const told: string[] = [];
  const started: Readonly<Record<string, string>>[] = [];
  const hidden = new Map<string, readonly string[]>();
  const paged: FarSide["paged"] = { calls: [], answer: null };
  const duty: FarSide["duty"] = { ask: async () => ({ kind: "unreadable", because: "duty.acme.test answers HTTP 500" }) };
  return {
    duty,
    rosters: { ask: (name) => duty.ask(name) },
    paged,
    pager: {
      async call(_connection, id, page) {
        paged.calls.push({ id, page });
        return paged.answer ?? { kind: "taken" };
      },
      reach: async () => null,
    },
    groups,
    hidden,
    seen,
    told,
    started,
    codeHost: {
      compare: async () => NO_CHANGES,
      resolve: async () => null,
      search: async () => null,
      reachable: async () => null,
      contains: async () => null,
      reread: async () => null,
      tests: async () => null,
      addedMigrations: async () => null,
      startAcceptance: async (wish) => {
        started.push(wish.inputs);
        return { kind: "started", workflowRun: `acceptance-${started.length}`, url: null };
      },
      tell: async (input) => told.push(`${input.environment} ${input.state}`) > 0,
      mark: async () => true,
      failed: async () => null,
      again: async () => false,
      answerGate: async () => "over",
      environmentPage: (repository, name) => `https://git.acme.test/${repository}/environments/${name}`,
      left: () => Infinity,
      answers: () => true,
    },
    directory: {
      team: async () => "TACME",
      resolve: async (refs) => ({
        ids: refs.flatMap((ref) => (ref.kind === "group" ? (groups.get(ref.handle) ?? []) : ref.kind === "id" ? [ref.id] : [])),
        unreadable: [],
      }),
      byEmail: async () => null,
      readsChannel: async (id, channel) => hidden.get(channel)?.includes(id) ?? true,
      person: async (id) => ({ id, name: id, team: "TACME", guest: false, bot: false, deleted: false, timezone: "UTC" }),
    },
    monitors: {
      sentry: async (_watch, look) => seen.sentry?.(look.look, look.now) ?? gap("sentry", look.look, look.now),
      http: async (_watch, look) => seen.http?.(look.look, look.now) ?? gap("http", look.look, look.now),
      late: async (_watch, look) => seen.late?.(look) ?? null,
      sessions: async (_watch, look) => seen.sessions?.(look) ?? null,
      announce: async () => null,
    },
  };
}

function gap(monitor: "sentry" | "http", look: number, at: Date): Measurement {
  return { monitor, look, at, kind: "gap", because: "nobody answers" };
}
