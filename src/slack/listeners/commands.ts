import type { App, SlashCommand } from "@slack/bolt";
import type { CancelOffer } from "../../domain/cancel-offer.ts";
import type { Click, Where } from "../deps.ts";
import { foreign, inCode } from "../escape.ts";
import { parseCommand, type Reader, type Unclear } from "../grammar.ts";
import { NOT_TAKEN, plainly } from "../presses.ts";
import type { Rendered } from "../render/drawing.ts";
import { stateWords } from "../render/state-words.ts";
import { namesFor } from "../vocabulary.ts";
import { list } from "../words.ts";
import { openDeployModal } from "./deploy-modal.ts";
import type { Desk } from "./desk.ts";
import { openRollBack } from "./roll-back-modal.ts";

const NOBODY = "Not taken: Slack did not say who you are. Nothing was done, type it again.";

/** `/deploy …`: a typo does nothing, a word of power goes the way of every click. */
export function listenToCommands(app: App, desk: Desk): void {
  app.command(desk.command, async ({ ack: slackAck, command }) => {
    const where: Where = { channel: command.channel_id, thread: null, responseUrl: command.response_url };
    const known = await namesFor(desk.deps, command.user_id);
    // Whoever takes long to look up is answered afterwards.
    if (!known.soon) await slackAck();
    const ack: typeof slackAck = known.soon ? slackAck : async () => undefined;
    const tell = async (words: Rendered): Promise<void> => void (await desk.presses.tell(command.user_id, where, words));
    const say = (words: Rendered): Promise<void> =>
      known.soon ? slackAck({ response_type: "ephemeral", text: words.text, blocks: words.blocks }) : tell(words);
    const names = known.soon ? known.names : await known.later;
    if (names === null) return tell(plainly(NOBODY));
    const parsed = parseCommand(command.text ?? "", names, await readerOf(desk, command));
    switch (parsed.kind) {
      case "unclear":
        return say(unclear(parsed, desk.command));
      case "choose": {
        await ack();
        const chosen = { app: parsed.app, environment: parsed.environment, revision: parsed.ref };
        return openDeployModal(desk, { trigger: command.trigger_id, user: command.user_id, where, chosen });
      }
      case "roll_back":
        await ack();
        return openRollBack(desk, {
          trigger: command.trigger_id,
          user: command.user_id,
          where,
          asked: { app: parsed.app, environment: parsed.environment, to: parsed.to },
          pressed: null,
          to: parsed.to,
        });
      case "cancel": {
        const { app: name, environment, number } = parsed;
        const offer = await desk.deps.cancelOf({ app: name, environment, number, user: command.user_id });
        if (offer.kind !== "one") return say(plainly(whichToCancel(offer, parsed, desk.command)));
        return desk.presses.press(clickOf(desk, command, { intent: { kind: "cancel", thenRollBack: false, ...offer.pressed }, where }), {
          ack: () => ack(),
          late: () => say(plainly(NOT_TAKEN)),
        });
      }
      case "intent":
        return desk.presses.press(clickOf(desk, command, { intent: parsed.intent, where }), {
          ack: () => ack(),
          late: () => say(plainly(NOT_TAKEN)),
        });
      default:
        return parsed satisfies never;
    }
  });
}

function clickOf(desk: Desk, command: SlashCommand, rest: Pick<Click, "intent" | "where">): Click {
  const actor = { kind: "slack", id: command.user_id, name: command.user_name } as const;
  return { id: `command:${command.user_id}:${command.trigger_id}`, actor, team: command.team_id, at: desk.deps.now(), ...rest };
}

/** "until 18:00" is by the clock of whoever types it; Slack is asked for it only when such a word is there. */
async function readerOf(desk: Desk, { text, user_id: user }: SlashCommand): Promise<Reader> {
  const person = /til|unt|util/iu.test(text ?? "") ? await desk.directory.person(user).catch(() => null) : null;
  return { now: desk.deps.now(), timezone: person?.timezone ?? desk.timezone };
}

function unclear(parsed: Unclear, command: string): Rendered {
  const { sentence, suggestions, usage } = parsed;
  const meant = list(
    suggestions.map((suggestion) => typed(command, suggestion)),
    3,
    "or",
  );
  const goes = suggestions.length > 0 || usage === null ? "" : ` It goes ${typed(command, usage)}.`;
  const help = typed(command, "help");
  return plainly(
    `${foreign(sentence, 400)}${meant === "" ? goes : ` Did you mean ${meant}?`} Nothing was done; ${help} shows what you can type.`,
  );
}

function whichToCancel(
  offer: Exclude<CancelOffer, { readonly kind: "one" }>,
  asked: { readonly app: string; readonly environment: string | null; readonly number: number | null },
  command: string,
): string {
  const place = `${foreign(asked.app, 60)}${asked.environment === null ? "" : ` in ${foreign(asked.environment, 60)}`}`;
  const which = asked.number === null ? "nothing" : `no #${asked.number}`;
  if (offer.kind === "none") return `Not cancelled: ${which} waits or runs of ${place} now.`;
  const found = offer.found
    .slice(0, 10)
    .map(
      (one) =>
        `• #${one.number} in ${foreign(one.environment, 60)} ${stateWords(one.state).words}: ${typed(command, `cancel ${asked.app} ${one.environment} #${one.number}`)}`,
    );
  return [`Not cancelled: more than one could be meant. Nothing was done.`, ...found].join("\n");
}

function typed(command: string, words: string): string {
  return inCode(`${command} ${words}`, 200);
}
