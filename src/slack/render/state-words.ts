import type { StateName } from "../../domain/deployment.ts";

/** A deployment's state in a word or two, for the lines of other cards, `status` and the Home tab. */
const STATE_WORDS: Readonly<Record<StateName, { readonly icon: string; readonly words: string }>> = {
  awaiting_approval: { icon: "double_vertical_bar", words: "waits for a yes" },
  queued: { icon: "double_vertical_bar", words: "waits for its turn" },
  executing: { icon: "hourglass_flowing_sand", words: "is deploying" },
  cancelling: { icon: "hourglass_flowing_sand", words: "is stopping" },
  needs_attention: { icon: "red_circle", words: "needs a person" },
  watching: { icon: "large_green_circle", words: "is watched" },
  countdown: { icon: "red_circle", words: "is about to be rolled back" },
  succeeded: { icon: "white_check_mark", words: "is healthy" },
  succeeded_unverified: { icon: "white_circle", words: "is live, not verified" },
  regressed: { icon: "red_circle", words: "regressed" },
  failed: { icon: "red_circle", words: "failed" },
  rejected: { icon: "no_entry_sign", words: "was rejected" },
  expired: { icon: "white_circle", words: "expired" },
  superseded: { icon: "white_circle", words: "was overtaken" },
  cancelled: { icon: "no_entry_sign", words: "was cancelled" },
};

export function stateWords(state: string): { readonly icon: string; readonly words: string } {
  const known = Object.entries(STATE_WORDS).find(([name]) => name === state);
  return known === undefined ? { icon: "white_circle", words: state.replaceAll(/[^a-z ]/gu, " ") } : known[1];
}
