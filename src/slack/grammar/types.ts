import type { Intent } from "../../domain/intent.ts";

/** What the configuration names. */
export type Vocabulary = readonly KnownApp[];
export type KnownApp = { readonly app: string; readonly environments: readonly string[] };

/** Who types, for times of day. */
export type Reader = { readonly now: Date; readonly timezone: string };

export type Meant =
  /** Opens the modal; `ref` is a branch, tag or commit that nobody has looked up yet. */
  | { readonly kind: "choose"; readonly app: string | null; readonly environment: string | null; readonly ref: string | null }
  | { readonly kind: "intent"; readonly intent: Intent }
  /** `to`: a version that was live there, as typed; null: the last good one. */
  | { readonly kind: "roll_back"; readonly app: string; readonly environment: string; readonly to: string | null }
  /** Environment and number null: whatever waits or runs, if it is one. */
  | { readonly kind: "cancel"; readonly app: string; readonly environment: string | null; readonly number: number | null };

/** Nothing is done; the sentence says what is unclear. `suggestions`: what could have been meant, best first, without the command. */
export type Unclear = {
  readonly kind: "unclear";
  readonly sentence: string;
  readonly suggestions: readonly string[];
  /** How the command goes, without its slash word; null: no command was meant. */
  readonly usage: string | null;
};

export type Parsed = Meant | Unclear;

/** Unclear, with what each way to mend it would be; whether one of them is understood is not looked at yet. */
export type Fault = {
  readonly kind: "fault";
  readonly sentence: string;
  readonly fixes: readonly (readonly string[])[];
};

export type Understood = Meant | Fault;

export function fault(sentence: string, ...fixes: readonly (readonly string[])[]): Fault {
  return { kind: "fault", sentence, fixes };
}

export function intent(meant: Intent): Meant {
  return { kind: "intent", intent: meant };
}
