import type { Button, Overflow, PlainTextOption } from "@slack/types";
import type { DeploymentCard, NewerCandidate, ValidationView } from "../../domain/card.ts";
import type { ChangeSet } from "../../domain/deployment.ts";
import { ACTIONS } from "../action-ids.ts";
import { escaped, foreign } from "../escape.ts";
import { LIMITS } from "../limits.ts";
import { encodeLook } from "../look-value.ts";
import { clock, list, titleWords } from "../words.ts";
import { button, linkButton, option } from "./blocks.ts";
import type { Drawing, RenderContext } from "./drawing.ts";
import { changeCount, changesList, code, sentence, title, who } from "./parts.ts";

/** What is looked at, and what else its card says. */
export type Look = {
  readonly app: string;
  readonly view: ValidationView;
  readonly changes: ChangeSet;
  readonly lines: readonly (string | null)[];
  readonly detail: readonly (string | null)[];
  /** More for the menu, such as a way back. */
  readonly more: readonly PlainTextOption[];
  /** The way back that asks by itself what may go, where there is no other. Absent: none. */
  readonly back?: Button | null;
  readonly blockId: string;
};

/** Where people look before it goes on: the place first, what changed in words, and their word. */
export function drawLook(look: Look, context: RenderContext): Drawing {
  const { app, view, changes } = look;
  const last = view.said.at(-1);
  const here = foreign(view.environment, LIMITS.name);
  const next = foreign(view.next, LIMITS.name);
  const one = changes.changes.length <= 1;
  const what = changes.changes.length === 0 ? "this version" : changeCount(changes);
  const since = view.liveSince === null ? "" : `, live there since ${clock(view.liveSince, context.now)}`;
  const held = last !== undefined && last.verdict === "not_yet";
  return {
    title: title(held ? "Not yet" : "Validation needed", { app, environment: view.environment }, "in"),
    tone: held ? "no_entry_sign" : "double_vertical_bar",
    fact: held ? `${who(last.actor)} said not yet: ${sentence(last.reason ?? "")}` : `Ready to look at: ${what} in ${here}`,
    next: held
      ? `It goes to ${next} only when somebody looks again and says “Looks good”.`
      : `${since}. It goes to ${next} only after somebody says “Looks good”.`,
    ...(held ? {} : { lead: `${capital(what)} ${one ? "is" : "are"} ready to look at; ${next} waits for somebody’s “Looks good”.` }),
    body: [
      changesList(changes, null),
      {
        kind: "lines",
        lines: [
          ...look.lines,
          ...view.said.filter((word) => word !== last || !held).map((word) => wordLine(word, context)),
          lockLine(view, context),
        ],
      },
    ],
    detail: look.detail,
    buttons: lookButtons(look),
    blockId: look.blockId,
  };
}

function lookButtons({ app, view, more, back = null }: Look): readonly (Button | Overflow | null)[] {
  const place = { app, environment: view.environment };
  const where = `${app} in ${view.environment}`;
  const value = encodeLook(place, { revision: view.revision });
  const hold =
    view.lock === null
      ? option(`Hold ${view.environment} while I look`, encodeLook(place, { way: "hold" }))
      : option(`Let ${view.environment} go on`, encodeLook(place, { way: "release" }));
  return [
    linkButton({ action: "link_look", label: openLabel(view.environment), url: view.url }),
    button({ action: ACTIONS.looksGood, label: "Looks good", spoken: `${where} looks good`, value, style: "primary" }),
    button({ action: ACTIONS.notYet, label: "Not yet…", spoken: `${where}: not yet, with a reason`, value }),
    back,
    { type: "overflow", action_id: ACTIONS.lookWays, options: [hold, ...more] },
  ];
}

/** "Open staging", or what fits. */
export function openLabel(environment: string): string {
  const label = `Open ${environment}`;
  return label.length <= LIMITS.buttonLabel ? label : "Open it";
}

/** Who validated it and when, who said not yet and why, or that nobody has. */
export function validatedLine(view: ValidationView, context: RenderContext): string {
  const here = foreign(view.environment, LIMITS.name);
  const last = view.said.at(-1);
  if (last === undefined) {
    const gone = view.liveSince === null ? `, and ${here} does not run it now` : "";
    return `:no_entry_sign: *Validated:* by nobody yet on ${here}${gone}`;
  }
  if (last.verdict === "not_yet") return wordLine(last, context);
  const good = view.said.filter((word) => word.verdict === "looks_good");
  return `:white_check_mark: *Validated:* by ${list(good.map((word) => who(word.actor)))} on ${here}, ${clock(last.at, context.now)}`;
}

function wordLine(word: ValidationView["said"][number], context: RenderContext): string {
  const at = clock(word.at, context.now);
  return word.verdict === "looks_good"
    ? `:white_check_mark: *Looks good*, says ${who(word.actor)}, ${at}`
    : `:no_entry_sign: *Not yet*, says ${who(word.actor)}, ${at}: ${sentence(word.reason ?? "")}`;
}

/** That somebody holds the place, for all to see. */
function lockLine(view: ValidationView, context: RenderContext): string | null {
  if (view.lock === null) return null;
  const { owner, until, reason } = view.lock;
  return `:double_vertical_bar: *${who(owner)} holds ${foreign(view.environment, LIMITS.name)}* until ${clock(until, context.now)}: ${foreign(reason, LIMITS.changeTitle)}. Nothing else is deployed there meanwhile`;
}

/** A newer one takes no place away from what people validated or said yes to: both stay on offer. */
export function newerLine(card: DeploymentCard, context: RenderContext): string | null {
  const { newer } = card;
  const { state } = card.deployment;
  if (newer === null) return null;
  const name = newer.title === null ? "" : ` ${escaped(titleWords(newer.title))}`;
  const stays = state.state === "awaiting_approval" ? ` This one stays deployable until ${clock(state.expiresAt, context.now)}.` : "";
  return `:arrows_counterclockwise: *Newer:* ${code(newer.revision)}${name} ${waitsWords(newer.waitsFor)}.${stays}`;
}

function waitsWords(waits: NewerCandidate["waitsFor"]): string {
  switch (waits.kind) {
    case "validation":
      return waits.heldBy === null
        ? `waits for validation on ${foreign(waits.environment, LIMITS.name)}, on its own card`
        : `is held back on ${foreign(waits.environment, LIMITS.name)}: ${who(waits.heldBy)} said not yet`;
    case "approval":
      return `waits for a yes too (#${waits.number}), on its own card`;
    case "start":
      return `is on its way (#${waits.number})`;
    default:
      return waits satisfies never;
  }
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
