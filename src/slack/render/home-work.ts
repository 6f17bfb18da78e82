import type { ActionsBlockElement, Button, KnownBlock } from "@slack/types";
import type { HomeCard, HomeLook } from "../../domain/home.ts";
import type { DeploymentCard } from "../../domain/card.ts";
import { toldRegression } from "../../domain/told-regression.ts";
import { ACTIONS } from "../action-ids.ts";
import { foreign } from "../escape.ts";
import { LIMITS } from "../limits.ts";
import { encodeLook } from "../look-value.ts";
import { about, clock } from "../words.ts";
import { laterButton } from "./approval-buttons.ts";
import { attentionButtons } from "./attention-buttons.ts";
import { button, linkButton, section } from "./blocks.ts";
import { approveButton, cancelButton, keepButton, rejectButton, rollBackButton, stopButton, stopCountdownButton } from "./buttons.ts";
import { schemaBack } from "./database.ts";
import type { HomeContext } from "./home.ts";
import { openLabel } from "./look.ts";
import { changesLine, code, sentence, who } from "./parts.ts";
import { stateWords } from "./state-words.ts";

/** Something that waits for its reader: in words what, and the same buttons as on its card. */
export function waitingRow(item: HomeCard | HomeLook, context: HomeContext): readonly KnownBlock[] {
  if (item.kind === "look") return lookRow(item, context);
  return row(item, { asks: true, blockId: `waits:${item.card.deployment.id}` }, context);
}

/** Something that is on its way, with what its reader may do about it. */
export function runningRow(item: HomeCard, context: HomeContext): readonly KnownBlock[] {
  return row(item, { asks: false, blockId: `runs:${item.card.deployment.id}` }, context);
}

/** `asks`: its reader's own yes is wanted still. */
type Row = { readonly asks: boolean; readonly blockId: string };

function row(item: HomeCard, { asks, blockId }: Row, context: HomeContext): readonly KnownBlock[] {
  const { card } = item;
  const { state, changes } = card.deployment;
  const lines = [stateLine(card, context), asks && state.state === "awaiting_approval" ? changesLine(changes) : null];
  return withButtons(lines, [...buttonsOf(item, asks), openCard(item, context)], blockId);
}

/** Slack shows what belongs together as one: a single button stands beside its words, more of them below. */
function withButtons(
  lines: readonly (string | null)[],
  elements: readonly (ActionsBlockElement | null)[],
  blockId: string,
): readonly KnownBlock[] {
  const words = section(lines.filter((line) => line !== null).join("\n"));
  const given = elements.filter((element) => element !== null);
  const [only] = given;
  if (only === undefined) return [words];
  if (given.length === 1 && only.type === "button" && words.type === "section") return [{ ...words, block_id: blockId, accessory: only }];
  return [words, { type: "actions", block_id: blockId, elements: given }];
}

function openCard({ at }: HomeCard | HomeLook, context: HomeContext): Button | null {
  return linkButton({ action: "link_card", label: "Open the card", url: context.linkOf(at) });
}

/** The buttons of its card that its reader may press. */
function buttonsOf({ card, may }: HomeCard, asks: boolean): readonly (ActionsBlockElement | null)[] {
  const { state } = card.deployment;
  const back = may.includes(schemaBack(card) === null ? "roll_back" : "roll_back_schema") ? card : null;
  switch (state.state) {
    case "awaiting_approval":
      return asks && may.includes("approve")
        ? [approveButton(card), laterButton(card), may.includes("reject") ? rejectButton(card) : null]
        : [may.includes("cancel") ? cancelButton(card) : null];
    case "queued":
      return [may.includes("cancel") ? cancelButton(card) : null];
    case "executing":
      return [may.includes("cancel") ? stopButton(card) : null];
    case "needs_attention":
      return may.includes("resolve") ? attentionButtons(card, card.deployment) : [];
    case "countdown":
      return [
        back === null ? null : rollBackButton(back, "Roll back now"),
        may.includes("stop_countdown") ? stopCountdownButton(card) : null,
      ];
    case "watching": {
      if (toldRegression(card.deployment) === null) return [];
      const keep = state.keptBy === null && may.includes("keep_watching");
      return [back === null ? null : rollBackButton(back), keep ? keepButton(card) : null];
    }
    default:
      return [];
  }
}

/** "*shop to production*, #812: is deploying `9f3c2ab` since 14:05, usually 4 min". */
function stateLine(card: DeploymentCard, context: HomeContext): string {
  const { deployment, app, environment } = card;
  const { icon, words } = stateWords(deployment.state.state);
  const way = deployment.kind === "rollback" ? "back in" : deployment.liveAt === null ? "to" : "in";
  const name = `*${foreign(app, LIMITS.name)} ${way} ${foreign(environment.name, LIMITS.name)}*`;
  const more = stateDetail(card, context);
  return `:${icon}: ${name}, #${deployment.number} ${code(deployment.revision)} ${regressed(card) ?? words}${more === "" ? "." : more}`;
}

function regressed({ deployment }: DeploymentCard): string | null {
  const verdict = toldRegression(deployment);
  return verdict === null ? null : verdict.ongoing ? "does harm" : "did harm";
}

function stateDetail(card: DeploymentCard, { now }: HomeContext): string {
  const { state, startedAt } = card.deployment;
  switch (state.state) {
    case "awaiting_approval": {
      const given = card.required > 1 ? `, ${card.approvals.length} of ${card.required} given,` : "";
      const closed = card.closing === null ? "" : ` ${sentence(card.closing.blockers[0]?.text ?? "It is closed now.")}`;
      return `${given} until ${clock(state.expiresAt, now)}.${closed}`;
    }
    case "queued": {
      const [first] = card.queue?.blockers ?? state.blockers;
      return first === undefined ? " and starts in a moment." : `. ${sentence(first.text)}`;
    }
    case "executing": {
      const since = startedAt === null ? "" : `, since ${clock(startedAt, now)}`;
      return `${since}${card.usualMs === null ? "" : `, usually for ${about(card.usualMs)}`}.`;
    }
    case "needs_attention":
      return `. ${sentence(state.because)}`;
    case "watching":
      return regressed(card) === null
        ? ` until ${clock(state.until, now)}.`
        : `.${state.keptBy === null ? " Greenlight waits for somebody." : ` ${who(state.keptBy)} keeps it for now.`}`;
    case "countdown":
      return ` at ${clock(state.rollBackAt, now, true)}.`;
    default:
      return "";
  }
}

function lookRow(look: HomeLook, context: HomeContext): readonly KnownBlock[] {
  const { app, view, changes } = look;
  const [here, next] = [foreign(view.environment, LIMITS.name), foreign(view.next, LIMITS.name)];
  const last = view.said.at(-1);
  const since = view.liveSince === null ? "" : `, live since ${clock(view.liveSince, context.now)}`;
  const held = last === undefined ? "" : ` ${who(last.actor)} said not yet: ${sentence(last.reason ?? "")}`;
  const place = { app, environment: view.environment };
  const where = `${app} in ${view.environment}`;
  const value = encodeLook(place, { revision: view.revision });
  return withButtons(
    [
      `:double_vertical_bar: *${foreign(app, LIMITS.name)} in ${here}*, ${code(view.revision)}${since}: look at it before it goes to ${next}.${held}`,
      changesLine(changes),
    ],
    [
      linkButton({ action: "link_look", label: openLabel(view.environment), url: view.url }),
      button({ action: ACTIONS.looksGood, label: "Looks good", spoken: `${where} looks good`, value, style: "primary" }),
      button({ action: ACTIONS.notYet, label: "Not yet…", spoken: `${where}: not yet, with a reason`, value }),
      openCard(look, context),
    ],
    `look:${view.revision}:${encodeLook(place, { way: "hold" })}`.slice(0, LIMITS.blockId),
  );
}
