import { DELEGATED_AT_MOST_MS } from "../../domain/decide/delegation.ts";
import type { Intent } from "../../domain/intent.ts";
import { endingOf, typedDuration } from "./endings.ts";
import { VERBS, verbOf, type Verb } from "./forms.ts";
import { isSlipOf, near } from "./near.ts";
import { appIn, maybePlaceIn, named, placeIn, type Again } from "./place.ts";
import { fault, intent, type Reader, type Understood, type Vocabulary } from "./types.ts";
import { bare, personOf, reasonOf, refOf } from "./words.ts";

/** What a lock or freeze holds for when nothing is said. */
const HOLD_MS = 2 * 3_600_000;
/** What nobody remembers must not stop a team for ever: beyond two weeks it belongs into greenlight.yml, where it is read. */
const MOST_HOLD_MS = 14 * 86_400_000;

export type Asked = { readonly words: readonly string[]; readonly vocabulary: Vocabulary; readonly reader: Reader };

/** What a word of the command means with what stands behind it. */
export function verbMeant(verb: Verb, asked: Asked): Understood {
  switch (verb) {
    case "help":
      return help(asked.words);
    case "status":
    case "queue":
    case "reviews":
    case "trust":
      return ofAnApp(verb, asked);
    case "history":
    case "diff":
    case "why":
      return question(verb, asked);
    case "rollback":
      return rollBack(asked);
    case "cancel":
      return cancel(asked);
    case "real-alarm":
    case "false-alarm":
      return alarm(verb, asked);
    case "looks-good":
    case "ask-unlock":
      return place(verb, asked);
    case "unlock":
    case "unfreeze":
    case "not-yet":
      return withReason(verb, asked);
    case "lock":
    case "freeze":
      return hold(verb, asked);
    case "delegate":
    case "undelegate":
      return delegate(verb, asked);
    case "mute":
    case "unmute":
      return mute(verb, asked);
    default:
      return verb satisfies never;
  }
}

function help([first = ""]: readonly string[]): Understood {
  const word = bare(first);
  const found = verbOf([word]);
  if (word === "" || found !== null) return intent({ kind: "help", about: found?.verb ?? null });
  const fixes = near(word, VERBS).map((verb) => ["help", verb]);
  return fixes.length === 0 ? intent({ kind: "help", about: null }) : fault(`There is no command “${word}”.`, ...fixes);
}

function ofAnApp(verb: "status" | "queue" | "reviews" | "trust", { words, vocabulary }: Asked): Understood {
  if (words.length === 0) return intent({ kind: verb, app: null });
  const found = appIn(words, vocabulary, again(verb));
  if (found.kind === "fault") return found;
  if (found.rest.length > 0) return tooMuch(found.rest, [verb, found.app.app]);
  return intent({ kind: verb, app: found.app.app });
}

function question(verb: "history" | "diff" | "why", { words, vocabulary }: Asked): Understood {
  const found = maybePlaceIn(words, vocabulary, again(verb));
  if (found.kind === "fault") return found;
  const { app, environment, rest } = found;
  if (rest.length > 0) return tooMuch(rest, [verb, app.app, ...(environment === null ? [] : [environment])]);
  return intent({ kind: verb, app: app.app, environment });
}

function rollBack({ words, vocabulary }: Asked): Understood {
  const found = placeIn(words, vocabulary, again("rollback"));
  if (found.kind === "fault") return found;
  const { app, environment, rest } = found;
  const [to, version, ...more] = rest;
  const here = ["rollback", app.app, environment];
  if (to === undefined) return { kind: "roll_back", app: app.app, environment, to: null };
  const ref = version === undefined ? null : refOf(version);
  if (to.toLowerCase() === "to" && ref !== null && more.length === 0) return { kind: "roll_back", app: app.app, environment, to: ref };
  if (to.toLowerCase() === "to") return fault(`To which version? A tag or commit that was live there.`, here);
  if (version !== undefined && isSlipOf(to, "to")) return fault(`“${rest.join(" ")}” is not clear.`, [...here, "to", version]);
  const looksLikeOne = version === undefined && /^(?:[0-9a-f]{7,40}|v?\d[\w.]*)$/u.test(to);
  return tooMuch(rest, looksLikeOne ? [...here, "to", to] : here);
}

function cancel({ words, vocabulary }: Asked): Understood {
  const number = /^#?(\d{1,9})$/u.exec(bare(words.at(-1) ?? ""))?.[1];
  const before = number === undefined ? words : words.slice(0, -1);
  const found = maybePlaceIn(before, vocabulary, (fixed) => ["cancel", ...fixed, ...(number === undefined ? [] : [`#${number}`])]);
  if (found.kind === "fault") return found;
  const { app, environment, rest } = found;
  const joined = rest.length === 1 && number === undefined ? /^#(\d{1,9})$/u.exec(rest[0] ?? "")?.[1] : undefined;
  if (rest.length > 0 && joined === undefined) return tooMuch(rest, ["cancel", app.app, ...(environment === null ? [] : [environment])]);
  const meant = joined ?? number;
  return { kind: "cancel", app: app.app, environment, number: meant === undefined ? null : Number(meant) };
}

function alarm(verb: "real-alarm" | "false-alarm", { words, vocabulary }: Asked): Understood {
  const number = /^#?(\d{1,9})$/u.exec(bare(words.at(-1) ?? ""))?.[1];
  const tail = number === undefined ? [] : [`#${number}`];
  const found = placeIn(number === undefined ? words : words.slice(0, -1), vocabulary, (fixed) => [verb, ...fixed, ...tail]);
  if (found.kind === "fault") return found;
  const { app, environment, rest } = found;
  if (rest.length > 0) return tooMuch(rest, [verb, app.app, environment, ...tail]);
  if (number === undefined) return fault("Of which deployment? Its number stands on its card: #12, for example.");
  return intent({ kind: "name_alarm", app: app.app, environment, number: Number(number), isReal: verb === "real-alarm" });
}

const AT_A_PLACE: Readonly<Record<"looks-good" | "ask-unlock", Extract<Intent["kind"], "validate" | "ask_unlock">>> = {
  "looks-good": "validate",
  "ask-unlock": "ask_unlock",
};

function place(verb: "looks-good" | "ask-unlock", { words, vocabulary }: Asked): Understood {
  const found = placeIn(words, vocabulary, again(verb));
  if (found.kind === "fault") return found;
  const { app, environment, rest } = found;
  if (rest.length > 0) return tooMuch(rest, [verb, app.app, environment]);
  return intent({ kind: AT_A_PLACE[verb], app: app.app, environment });
}

function withReason(verb: "unlock" | "unfreeze" | "not-yet", { words, vocabulary }: Asked): Understood {
  const found = placeIn(words, vocabulary, again(verb));
  if (found.kind === "fault") return found;
  const { app, environment, rest } = found;
  const at = { app: app.app, environment };
  const reason = reasonOf(rest);
  if (verb !== "not-yet") return intent({ kind: verb, ...at, ...(reason === "" ? {} : { reason }) });
  if (reason === "") return fault(`What is not good yet? Its authors read it: not-yet ${at.app} ${at.environment} REASON.`);
  return intent({ kind: "not_yet", ...at, reason });
}

function hold(verb: "lock" | "freeze", { words, vocabulary, reader }: Asked): Understood {
  const found = placeIn(words, vocabulary, again(verb));
  if (found.kind === "fault") return found;
  const { app, environment } = found;
  const here = [verb, app.app, environment];
  const ending = endingOf(found.rest, reader, (rest) => [...here, ...rest]);
  if (ending.kind === "fault") return ending;
  const forMs = ending.forMs ?? HOLD_MS;
  if (forMs <= 0) return fault(`A ${verb} of no time holds nothing.`, [...here, ...ending.before, "for", "2h"]);
  if (forMs > MOST_HOLD_MS) {
    const most = typedDuration(MOST_HOLD_MS);
    return fault(`A ${verb} ends after ${most} at the latest; what lasts longer is a freeze in greenlight.yml.`, [
      ...here,
      ...ending.before,
      "for",
      most,
    ]);
  }
  const reason = reasonOf(ending.before);
  return intent({ kind: verb, app: app.app, environment, reason: reason === "" ? "no reason given" : reason, forMs });
}

function delegate(verb: "delegate" | "undelegate", { words, vocabulary, reader }: Asked): Understood {
  const found = appIn(words, vocabulary, again(verb));
  if (found.kind === "fault") return found;
  const { app } = found;
  const [first = "", ...after] = found.rest;
  const led = ["to", "from"].includes(first.toLowerCase());
  const [who = "", ...rest] = led ? after : found.rest;
  const to = personOf(who);
  if (to === null) {
    const later = personOf(after[0] ?? "");
    if (later !== null && isSlipOf(first, "to")) return fault(`“${first}” is not clear.`, [verb, app.app, "to", ...after]);
    return fault(
      who === ""
        ? "Whose yes should count for yours? Type @ and choose the person."
        : `“${who}” is nobody: type @ and choose one person from Slack’s list.`,
    );
  }
  if (verb === "undelegate") return rest.length > 0 ? tooMuch(rest, [verb, app.app, who]) : intent({ kind: verb, app: app.app, to });
  const here = [verb, app.app, "to", who];
  const ending = endingOf(rest, reader, (fixed) => [...here, ...fixed]);
  if (ending.kind === "fault") return ending;
  if (ending.before.length > 0) return tooMuch(ending.before, here);
  const { forMs } = ending;
  if (forMs !== null && (forMs <= 0 || forMs > DELEGATED_AT_MOST_MS))
    return fault(`It ends after ${typedDuration(DELEGATED_AT_MOST_MS)} at the latest.`, [
      ...here,
      "for",
      forMs <= 0 ? "2d" : typedDuration(DELEGATED_AT_MOST_MS),
    ]);
  return intent({ kind: verb, app: app.app, to, untilMs: forMs === null ? null : reader.now.getTime() + forMs });
}

function mute(verb: "mute" | "unmute", { words, vocabulary, reader }: Asked): Understood {
  const ending =
    verb === "mute" ? endingOf(words, reader, (fixed) => [verb, ...fixed]) : ({ kind: "ending", before: words, forMs: null } as const);
  if (ending.kind === "fault") return ending;
  const { before, forMs } = ending;
  const everything =
    before.length === 0 || (before.length === 1 && before[0]?.toLowerCase() === "all" && named("all", vocabulary) === undefined);
  const tail = forMs === null ? [] : words.slice(before.length);
  const found = everything ? null : appIn(before, vocabulary, (fixed) => [verb, ...fixed, ...tail]);
  if (found?.kind === "fault") return found;
  const app = found?.app.app ?? null;
  if (found !== null && found.rest.length > 0) return tooMuch(found.rest, [verb, found.app.app, ...tail]);
  if (forMs !== null && forMs <= 0) return fault("A mute of no time mutes nothing.", [verb, ...before, "for", "2h"]);
  return intent(verb === "mute" ? { kind: "mute", app, forMs } : { kind: "unmute", app });
}

function again(verb: Verb): Again {
  return (words) => [verb, ...words];
}

function tooMuch(words: readonly string[], without: readonly string[]): Understood {
  return fault(`“${words.join(" ")}” is too much.`, without);
}
