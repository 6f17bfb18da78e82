import type { App } from "@slack/bolt";
import { z } from "zod";
import { ACTIONS, LINK_PREFIX, SHORTCUTS, VIEWS } from "../action-ids.ts";
import { parseValue } from "../action-value.ts";
import type { Where } from "../deps.ts";
import { verbTyped } from "../grammar.ts";
import { parseHome } from "../home-value.ts";
import { plainly } from "../presses.ts";
import { hasTurn, PER_MINUTE } from "../rate.ts";
import type { Desk } from "./desk.ts";

const TOO_FAST = `Not taken: more than ${PER_MINUTE} presses and commands in a minute are too many for one person. Nothing was done; wait some seconds. Rolling back, stopping and cancelling are never held back.`;

/** What brings something to a stop or back is never held back, however fast somebody presses. */
const ALWAYS: ReadonlySet<string> = new Set([
  ACTIONS.cancel,
  ACTIONS.stopAndRollBack,
  ACTIONS.rollBack,
  ACTIONS.rollBackAsk,
  ACTIONS.rollBackSchema,
  ACTIONS.stopCountdown,
  ACTIONS.attentionAskHosts,
  ACTIONS.attentionTakeOver,
  ACTIONS.attentionWays,
  VIEWS.rollBack,
  VIEWS.resolve,
  SHORTCUTS.rollBackMessage,
]);
const ALWAYS_TYPED: ReadonlySet<string> = new Set(["rollback", "cancel"]);

const PERSON = z.object({ id: z.string() });
const COMMAND = z.object({ command: z.string(), user_id: z.string(), text: z.string().default(""), channel_id: z.string() });
const PRESS = z.object({
  type: z.literal("block_actions"),
  user: PERSON,
  actions: z.array(z.object({ action_id: z.string(), selected_option: z.object({ value: z.string() }).nullish() })),
  channel: PERSON.optional(),
  response_url: z.string().optional(),
});
const FORM = z.object({
  type: z.literal("view_submission"),
  user: PERSON,
  view: z.object({ callback_id: z.string(), state: z.object({ values: z.record(z.string(), z.unknown()) }) }),
});
const SHORTCUT = z.object({ type: z.enum(["shortcut", "message_action"]), user: PERSON, callback_id: z.string() });

type Ack = (answer?: object) => Promise<void>;
/** One thing that somebody pressed, typed or sent; `refuse` tells them that it was not taken. */
type Wish = { readonly person: string; readonly name: string; refuse(ack: Ack, desk: Desk): Promise<void> };

/** Before all listeners: each person has a rate. */
export function limitRate(app: App, desk: Desk): void {
  app.use(async (args) => {
    const asked = wishOf(args.body);
    if (asked === null || isAlways(asked.name) || (await hasTurn(desk.deps, asked.person))) return args.next();
    desk.deps.log("warn", "somebody presses faster than anybody needs", { person: asked.person });
    await asked.refuse("ack" in args && typeof args.ack === "function" ? (args.ack as Ack) : async () => undefined, desk);
  });
}

function isAlways(name: string): boolean {
  return ALWAYS.has(name) || name.startsWith(LINK_PREFIX);
}

/** Null: nothing that a person does, or a search while they type. */
function wishOf(body: unknown): Wish | null {
  const command = COMMAND.safeParse(body);
  if (command.success) return typed(command.data);
  const press = PRESS.safeParse(body);
  if (press.success) {
    const where: Where = { channel: press.data.channel?.id ?? null, thread: null, responseUrl: press.data.response_url ?? null };
    return wish(press.data.user.id, pressName(press.data.actions[0]), where);
  }
  const form = FORM.safeParse(body);
  if (form.success) return submitted(form.data);
  const shortcut = SHORTCUT.safeParse(body);
  return shortcut.success ? wish(shortcut.data.user.id, shortcut.data.callback_id, NOWHERE) : null;
}

/** In a menu it is the option that says what is wished. */
function pressName(action: z.output<typeof PRESS>["actions"][number] | undefined): string {
  const chosen = action?.selected_option?.value;
  const isBack =
    (action?.action_id === ACTIONS.homeMenu && parseHome(chosen)?.way === "roll_back") ||
    (action?.action_id === ACTIONS.lookWays && parseValue(chosen) !== null);
  return isBack ? ACTIONS.rollBackAsk : (action?.action_id ?? "");
}

const NOWHERE: Where = { channel: null, thread: null, responseUrl: null };

function wish(person: string, name: string, where: Where): Wish {
  return {
    person,
    name,
    async refuse(ack, desk) {
      await ack();
      await desk.presses.tell(person, where, plainly(TOO_FAST));
    },
  };
}

function typed({ user_id: person, text }: z.output<typeof COMMAND>): Wish {
  const { verb } = verbTyped(text) ?? { verb: null };
  return {
    person,
    name: verb !== null && ALWAYS_TYPED.has(verb) ? ACTIONS.cancel : "command",
    refuse: (ack) => ack({ response_type: "ephemeral", text: TOO_FAST }),
  };
}

/** The form stays open, with what was written in it. */
function submitted({ user, view }: z.output<typeof FORM>): Wish {
  const [block] = Object.keys(view.state.values);
  if (block === undefined) return wish(user.id, view.callback_id, NOWHERE);
  return {
    person: user.id,
    name: view.callback_id,
    refuse: (ack) => ack({ response_action: "errors", errors: { [block]: TOO_FAST } }),
  };
}
