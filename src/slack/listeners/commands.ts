import type { App, SlashCommand } from "@slack/bolt";
import type { Click, Where } from "../deps.ts";
import { entities, foreign, plain } from "../escape.ts";
import { parseCommand, type Parsed } from "../grammar.ts";
import { NOT_TAKEN, plainly } from "../presses.ts";
import type { Rendered } from "../render/drawing.ts";
import { openDeployModal } from "./deploy-modal.ts";
import type { Desk } from "./desk.ts";
import { openRollBack } from "./roll-back-modal.ts";

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
        return openRollBack(desk, {
          trigger: command.trigger_id,
          user: command.user_id,
          where,
          asked: { app: parsed.app, environment: parsed.environment },
          pressed: null,
          to: null,
        });
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
