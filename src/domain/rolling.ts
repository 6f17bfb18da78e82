import type { Host, Roll } from "./config.ts";

/** How a plan changes its hosts over, as data: what is due follows from it, from the steps and from recorded times alone. */
export type PlannedRoll = {
  /** Phases from here on belong to the roll; before it, one failure on one host stops all. */
  readonly firstPhase: number;
  /** Hosts of the first batch, if it is there to try the new version: one failure among them and nothing follows. */
  readonly canary: readonly string[];
  /** Hosts that may fail before the roll stops. */
  readonly maxFailures: number;
  /** A phase in this list begins so many seconds after everything before it has ended. */
  readonly pauses: readonly { readonly phase: number; readonly seconds: number }[];
};

/** One thing to do on one host, and when. */
export type Placed<Item> = { readonly item: Item; readonly host: Host; readonly phase: number };

/** The hosts in the order in which they change over: the canary first, then batch by batch. */
export function batchesOf(hosts: readonly Host[], roll: Roll): readonly (readonly Host[])[] {
  const canary = hosts.slice(0, roll.canary);
  const rest = hosts.slice(canary.length);
  const batches = Array.from({ length: Math.ceil(rest.length / roll.batch) }, (_, index) =>
    rest.slice(index * roll.batch, (index + 1) * roll.batch),
  );
  return canary.length === 0 ? batches : [canary, ...batches];
}

/**
 * Places what each host has to go through: side by side within a batch, one batch after the other. `items` are in their order and
 * concern every host. A rollback does not pause: what is live does harm meanwhile.
 */
export function rollOut<Item>(
  hosts: readonly Host[],
  input: { readonly roll: Roll; readonly firstPhase: number; readonly items: readonly Item[]; readonly kind: "deploy" | "rollback" },
): { readonly placed: readonly Placed<Item>[]; readonly planned: PlannedRoll } {
  const { roll, firstPhase, items } = input;
  const batches = batchesOf(hosts, roll);
  const seconds = input.kind === "rollback" ? 0 : roll.pauseSeconds;
  const placed = batches.flatMap((batch, order) =>
    items.flatMap((item, index) => batch.map((host) => ({ item, host, phase: firstPhase + order * items.length + index }))),
  );
  const pauses = batches.slice(1).map((_, index) => ({ phase: firstPhase + (index + 1) * items.length, seconds }));
  return {
    placed,
    planned: {
      firstPhase,
      canary: hosts.slice(0, roll.canary).map((host) => host.name),
      maxFailures: roll.maxFailures,
      pauses: seconds === 0 || items.length === 0 ? [] : pauses,
    },
  };
}

/** Seconds before its timeout at which the loop below gives up by itself, so that the exit code of the last try is told. */
const MARGIN_SECONDS = 5;

/**
 * Runs the probe until it has succeeded so many times in a row; one failure begins the count anew, since behind a load balancer or
 * between two workers the old version may answer once more. Words come as positional parameters, never spliced in.
 */
const IN_A_ROW = `times=$1 every=$2 until=$3; shift 3
until=$(($(date +%s) + until)) seen=0
while :; do
  if "$@"; then code=0 seen=$((seen + 1)); echo "seen $seen of $times times in a row"; else code=$? seen=0; fi
  [ "$seen" -lt "$times" ] || exit 0
  [ "$(date +%s)" -lt "$until" ] || break
  sleep "$every"
done
echo "not seen $times times in a row within the time for it" >&2
[ "$code" -ne 0 ] || code=1
exit "$code"`;

/** `verify` as one remote command that wants its probe to succeed as many times in a row as the roll says. */
export function inARow(argv: readonly string[], roll: Roll, timeoutSeconds: number): readonly string[] {
  if (roll.verifyTimes <= 1) return argv;
  const within = Math.max(1, timeoutSeconds - MARGIN_SECONDS - roll.verifyEverySeconds);
  return ["sh", "-c", IN_A_ROW, "verify", String(roll.verifyTimes), String(roll.verifyEverySeconds), String(within), ...argv];
}
