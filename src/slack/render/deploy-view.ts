import type { KnownBlock, ModalView, StaticSelect } from "@slack/types";
import type { DeployChoices } from "../../domain/intent.ts";
import { ACTIONS, INPUTS, VIEWS } from "../action-ids.ts";
import { entities, visible, cut } from "../escape.ts";
import { LIMITS } from "../limits.ts";
import { context, option, plainText, section } from "./blocks.ts";
import { renderCard } from "./card.ts";
import type { RenderContext } from "./drawing.ts";
import { sentence } from "./parts.ts";
import { titleWords } from "../words.ts";

/** Opened at once, before anything is read: a trigger lives three seconds. */
export function renderLoadingView(data: string): ModalView {
  return { type: "modal", callback_id: VIEWS.deploy, private_metadata: data, ...FRAME, blocks: [section("Loading…")] };
}

const FRAME = { title: plainText("Deploy", LIMITS.viewTitle), close: plainText("Close", LIMITS.viewButton) };

type ViewOptions = { readonly data: string; readonly revision: string | null; readonly context: RenderContext };

/** What goes where, and what would change. Nothing starts by opening it or by choosing. */
export function renderDeployView(choices: DeployChoices, options: ViewOptions): ModalView {
  const chosen = choices.candidates.find((candidate) => candidate.revision === options.revision) ?? choices.candidates[0];
  const effect = entities(visible(cut(choices.effect, LIMITS.sentence)));
  return {
    type: "modal",
    callback_id: VIEWS.deploy,
    private_metadata: options.data,
    ...FRAME,
    ...(chosen === undefined ? {} : { submit: plainText(submitLabel(choices), LIMITS.viewButton) }),
    blocks: [
      ...selects(choices, chosen?.revision ?? null),
      ...previewBlocks(choices, options.context),
      ...choices.warnings.slice(0, 6).map((warning) => section(`:warning: ${sentence(warning)}`)),
      context(`Nothing starts yet. ${effect}`),
    ],
  };
}

function selects(choices: DeployChoices, revision: string | null): readonly KnownBlock[] {
  const form = revision === null ? "shown" : "submitted";
  const app = {
    form,
    block: INPUTS.app,
    action: ACTIONS.deployApp,
    label: "App",
    choices: alike(choices.apps),
    chosen: choices.app,
  } as const;
  const where = {
    form,
    block: `${INPUTS.environment}:${choices.app}`,
    action: ACTIONS.deployEnvironment,
    label: "Where",
    choices: alike(choices.environments),
    chosen: choices.environment,
  } as const;
  if (revision === null) return [select(app), select(where), section("No version may go there now: none has passed what it requires.")];
  const what = {
    form,
    block: `${INPUTS.revision}:${choices.app}:${choices.environment}`,
    action: ACTIONS.deployRevision,
    label: "What",
    choices: choices.candidates.map((candidate) => [candidateWords(candidate.label), candidate.revision] as const),
    chosen: revision,
  } as const;
  return [select(app), select(where), select(what)];
}

/** "Pay with Bancontact (9f3c2ab, newest that passed)": the title as on the cards, what stands behind it as it is. */
function candidateWords(label: string): string {
  const behind = / \([0-9a-f]{7}[^()]*\)$/u.exec(label);
  return behind === null ? label : `${titleWords(label.slice(0, behind.index))}${behind[0]}`;
}

function alike(names: readonly string[]): readonly (readonly [string, string])[] {
  return names.map((name) => [name, name]);
}

function submitLabel(choices: DeployChoices): string {
  const asks = choices.preview?.kind === "deployment" && choices.preview.environment.release.mode === "approval";
  return asks ? "Ask for approval" : "Deploy";
}

type SelectWords = {
  /** Slack takes input blocks only in a form that can be submitted. */
  readonly form: "submitted" | "shown";
  /** Another id when the choices are others: Slack keeps what was chosen under the same one. */
  readonly block: string;
  readonly action: string;
  readonly label: string;
  readonly choices: readonly (readonly [text: string, value: string])[];
  readonly chosen: string;
};

function select(words: SelectWords): KnownBlock {
  const fitting = words.choices.filter(([, value]) => value !== "" && value.length <= LIMITS.optionValue).slice(0, LIMITS.selectOptions);
  const options = fitting.map(([text, value]) => option(text, value));
  const initial = options.find((candidate) => candidate.value === words.chosen);
  if (options.length === 0) return section(`*${words.label}:* nothing to choose from`);
  const element: StaticSelect = {
    type: "static_select",
    action_id: words.action,
    options,
    ...(initial === undefined ? {} : { initial_option: initial }),
  };
  const label = plainText(words.label, LIMITS.optionText);
  const block_id = cut(words.block, 255);
  if (words.form === "shown") return { type: "section", block_id, text: label, accessory: element };
  return { type: "input", block_id, dispatch_action: true, label, element };
}

/** The body of the card that would be asked about, without its title, state and buttons. */
function previewBlocks(choices: DeployChoices, shownAt: RenderContext): readonly KnownBlock[] {
  if (choices.preview === null) return [];
  return renderCard(choices.preview, shownAt)
    .blocks.slice(2)
    .filter((block) => block.type === "rich_text" || block.type === "section");
}
