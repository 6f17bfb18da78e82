import { refText } from "./authorize.ts";
import type { Reply } from "./card.ts";
import type { Environment, PersonRef } from "./config.ts";

/** What a duty roster says. `unreadable`: why, for people; then nobody is on duty by it. No sentence holds a secret. */
export type RosterAnswer =
  | { readonly kind: "read"; readonly people: readonly PersonRef[] }
  | { readonly kind: "unreadable"; readonly because: string };

/** Asks duty rosters by the names of their connections. Never throws, and never hangs. */
export type Rosters = { ask(connection: string): Promise<RosterAnswer> };

/** Who is on duty by rosters, as our own Slack team knows them. */
export type OnDuty = {
  /** Slack ids of our own people. */
  readonly ids: readonly string[];
  /** Whole sentences: which roster could not be read, or names somebody who is nobody here. Empty: all is known. */
  readonly unread: readonly string[];
};

/** Whom a message calls besides those who are named in the configuration. `answer` absent: the rosters were not asked yet. */
export type DutyCall = { readonly rosters: readonly string[]; readonly answer?: OnDuty };

/** What people are told of a roster by its name, in a whole sentence. `because` of `unreadable` and `unknown`: in a few words. */
export function rosterSentence(name: string, what: "unreadable" | "unknown" | "empty", because = ""): string {
  switch (what) {
    case "unreadable":
      return `The duty roster ${name} could not be read (${because}), so nobody is on duty by it.`;
    case "unknown":
      return `The duty roster ${name} names somebody who is no member of our own Slack team: ${because}.`;
    case "empty":
      return `The duty roster ${name} names nobody now.`;
    default:
      return what satisfies never;
  }
}

/** The people and groups that `on_call` names itself. */
export function namedOnCall({ onCall }: Pick<Environment, "onCall">): readonly PersonRef[] {
  return onCall.filter((ref) => ref.kind !== "roster");
}

/** The connections of the rosters that `on_call` names, each once. */
export function rostersOf({ onCall }: Pick<Environment, "onCall">): readonly string[] {
  return [...new Set(onCall.flatMap((ref) => (ref.kind === "roster" ? [ref.connection] : [])))];
}

/** Calls whoever is on call: those who are named at once, and whom the rosters name when the message is posted. */
export function callOnCall(environment: Pick<Environment, "onCall">): Pick<Reply, "mention" | "duty"> {
  const rosters = rostersOf(environment);
  return { mention: namedOnCall(environment).map(refText), ...(rosters.length === 0 ? {} : { duty: { rosters } }) };
}

/** Rosters that have to be asked before this can be posted, each once. */
export function unaskedRosters({ duty, late }: Reply): readonly string[] {
  const calls = [duty, ...(late?.lines ?? []).map((line) => line.duty)];
  return [...new Set(calls.flatMap((call) => (call === undefined || call.answer !== undefined ? [] : call.rosters)))];
}

/** The same message with what the rosters said, by their names; a call that was answered before keeps its answer. */
export function withDuty(reply: Reply, said: ReadonlyMap<string, OnDuty>): Reply {
  const { duty, late } = reply;
  return {
    ...reply,
    ...(duty === undefined ? {} : { duty: answered(duty, said) }),
    ...(late === undefined
      ? {}
      : {
          late: {
            ...late,
            lines: late.lines.map((line) => (line.duty === undefined ? line : { ...line, duty: answered(line.duty, said) })),
          },
        }),
  };
}

function answered(call: DutyCall, said: ReadonlyMap<string, OnDuty>): DutyCall {
  if (call.answer !== undefined) return call;
  return { ...call, answer: together(call.rosters.flatMap((name) => said.get(name) ?? [])) };
}

/** Of several rosters, whoever is on duty by one of them. */
export function together(all: readonly OnDuty[]): OnDuty {
  return { ids: [...new Set(all.flatMap(({ ids }) => ids))], unread: all.flatMap(({ unread }) => unread) };
}
