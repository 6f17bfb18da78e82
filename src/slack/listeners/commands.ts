import type { App, SlashCommand } from "@slack/bolt";
import { encodeValue } from "../action-value.ts";
import type { Click, Where } from "../deps.ts";
import { entities, foreign, plain } from "../escape.ts";
import { parseCommand, type Parsed } from "../grammar.ts";
import { NOT_TAKEN, plainly } from "../presses.ts";
import type { Rendered } from "../render/drawing.ts";
import { renderReasonView } from "../render/reason-view.ts";
import { titleWords } from "../words.ts";
import { encodeViewData } from "../view-data.ts";
import { openDeployModal } from "./deploy-modal.ts";
import type { Desk } from "./desk.ts";

/** `/deploy …`: a typo does nothing, a word of power goes the way of every click. */
export function listenToCommands(app: App, desk: Desk): void {
  app.command(desk.command, async ({ ack, command }) => {
    const parsed = parseCommand(command.text ?? "", desk.deps.vocabulary());
    const where: Where = { channel: command.channel_id, thread: null, responseUrl: command.response_url };
    const say = (words: Rendered): Promise<void> => ack({ response_type: "ephemeral", text: words.text, blocks: words.blocks });
    switch (parsed.kind) {
      case "unclear":
        return say(unclear(parsed, desk.command));
      case "choose": {
        await ack();
        const chosen = { app: parsed.app, environment: parsed.environment, revision: null };
        return openDeployModal(desk, { trigger: command.trigger_id, user: command.user_id, where, chosen });
      }
      case "roll_back":
        await ack();
        return openRollBack(desk, command, { app: parsed.app, environment: parsed.environment, where });
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

function unclear(parsed: Extract<Parsed, { readonly kind: "unclear" }>, command: string): Rendered {
  const suggestion =
    parsed.suggestion === null ? "" : ` Did you mean \`${entities(plain(`${command} ${parsed.suggestion}`, 200)).replaceAll("`", "'")}\`?`;
  return plainly(`${foreign(parsed.sentence, 400)}${suggestion} Nothing was done; \`${entities(command)} help\` shows what you can type.`);
}

/** Names where it goes back to and asks for a reason, as the button on the card does. */
async function openRollBack(
  desk: Desk,
  command: SlashCommand,
  asked: { readonly app: string; readonly environment: string; readonly where: Where },
): Promise<void> {
  const place = `${foreign(asked.app, 60)} in ${foreign(asked.environment, 60)}`;
  const offer = await desk.deps.rollBackOf(asked);
  if (offer?.to === null || offer === null) {
    await desk.presses.tell(
      command.user_id,
      asked.where,
      plainly(`Not rolled back: there is no earlier version of ${place} to go back to.`),
    );
    return;
  }
  const title = offer.to.title === null ? "" : ` (${entities(titleWords(offer.to.title))})`;
  const more = `*${place}* goes back to \`${foreign(offer.to.revision.slice(0, 7), 7)}\`${title}.`;
  const view = renderReasonView("roll_back", { data: encodeViewData(encodeValue(offer.pressed), asked.where), more });
  try {
    await desk.client.views.open({ trigger_id: command.trigger_id, view });
  } catch (error) {
    desk.deps.log("warn", "the roll back form was not opened", { because: error instanceof Error ? error.message : "unknown" });
    await desk.presses.tell(command.user_id, asked.where, plainly("Slack did not open the form in time. Nothing was done, try again."));
  }
}
