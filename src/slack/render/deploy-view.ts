import type { ExternalSelect, KnownBlock, ModalView, StaticSelect } from "@slack/types";
import type { DeployChoices } from "../../domain/intent.ts";
import { ACTIONS, INPUTS, VIEWS } from "../action-ids.ts";
import { cut, escaped, foreign, link, visible } from "../escape.ts";
import { LIMITS } from "../limits.ts";
import { clock } from "../words.ts";
import { alert, context, option, plainText, section } from "./blocks.ts";
import { renderCard } from "./card.ts";
import type { RenderContext } from "./drawing.ts";
import { sentence } from "./parts.ts";
import { refOption } from "./ref-options.ts";

/** Opened at once, before anything is read: a trigger lives three seconds. */
export function renderLoadingView(data: string): ModalView {
  return { type: "modal", callback_id: VIEWS.deploy, private_metadata: data, ...FRAME, blocks: [section("Loading…")] };
}

const FRAME = { title: plainText("Deploy", LIMITS.viewTitle), close: plainText("Close", LIMITS.viewButton) };
/** As many warnings as fit above the button on a phone. */
const MOST_WARNINGS = 6;

/** `card`: the address of the card of what is asked already; absent or null: there is none to open. */
type ViewOptions = { readonly data: string; readonly context: RenderContext; readonly card?: string | null };

/** What goes where, and what would change. Nothing starts by opening it or by choosing. */
export function renderDeployView(choices: DeployChoices, options: ViewOptions): ModalView {
  const submit = choices.chosen === null ? null : submitLabel(choices);
  const effect = escaped(visible(cut(choices.effect, LIMITS.sentence)));
  const card = options.card === null || options.card === undefined ? "" : ` ${link(options.card, "Open the card")}`;
  return {
    type: "modal",
    callback_id: VIEWS.deploy,
    private_metadata: options.data,
    ...FRAME,
    ...(submit === null ? {} : { submit: plainText(submit, LIMITS.viewButton) }),
    blocks: [
      ...selects(choices, submit === null ? "shown" : "submitted"),
      ...previewBlocks(choices, options.context),
      ...choices.warnings.slice(0, MOST_WARNINGS).map((warning) => warningBlock(warning, options.context)),
      context(`Nothing starts yet. ${effect}${card}`),
    ],
  };
}

/** What the button does, in its own words; null: there is nothing to press. */
function submitLabel({ doing }: DeployChoices): string | null {
  switch (doing) {
    case "starts":
      return "Deploy";
    case "waits":
      return "Deploy when it may";
    case "asks":
      return "Ask for approval";
    case "asked":
      return "Asked already";
    case "refused":
      return null;
    default:
      return doing satisfies never;
  }
}

/** Whose it is, and when it ends: the next opening of a freeze stands here. */
function warningBlock({ text, owner, liftsAt }: DeployChoices["warnings"][number], shownAt: RenderContext): KnownBlock {
  const whose = owner === null || text.includes(owner) ? "" : ` Ask ${foreign(owner, LIMITS.name)}.`;
  const ends = liftsAt === null ? "" : ` It ends at ${clock(liftsAt, shownAt.now)}.`;
  return alert("warning", `${sentence(text)}${whose}${ends}`);
}

/** Slack takes input blocks only in a form that can be submitted. */
type Form = "submitted" | "shown";

function selects(choices: DeployChoices, form: Form): readonly KnownBlock[] {
  const { app, environment, chosen } = choices;
  const apps = { action: ACTIONS.deployApp, choices: choices.apps, chosen: app };
  const many = choices.apps.length > LIMITS.selectOptions;
  const where = { action: ACTIONS.deployEnvironment, choices: choices.environments, chosen: environment };
  const what: ExternalSelect = {
    type: "external_select",
    action_id: ACTIONS.deployRevision,
    min_query_length: 0,
    placeholder: plainText("Search versions, branches, tags", LIMITS.optionText),
    ...(chosen === null || chosen.value.length > LIMITS.optionValue ? {} : { initial_option: refOption(chosen) }),
  };
  return [
    row(form, { block: INPUTS.app, label: "App", element: many ? searched(apps) : listed(apps) }),
    row(form, { block: `${INPUTS.environment}:${app}`, label: "Where", element: listed(where) }),
    ...(environment === "" ? [] : [row(form, { block: `${INPUTS.revision}:${app}:${environment}`, label: "What", element: what })]),
  ];
}

type Names = { readonly action: string; readonly choices: readonly string[]; readonly chosen: string };

function listed(names: Names): StaticSelect | null {
  const options = names.choices
    .filter((name) => name !== "" && name.length <= LIMITS.optionValue)
    .slice(0, LIMITS.selectOptions)
    .map((name) => option(name, name));
  const initial = options.find((candidate) => candidate.value === names.chosen);
  if (options.length === 0) return null;
  return { type: "static_select", action_id: names.action, options, ...(initial === undefined ? {} : { initial_option: initial }) };
}

/** More than Slack lists: found by typing. */
function searched(names: Names): ExternalSelect {
  const initial = names.chosen.length <= LIMITS.optionValue ? { initial_option: option(names.chosen, names.chosen) } : {};
  return { type: "external_select", action_id: names.action, min_query_length: 0, ...initial };
}

/** Another block id when the choices are others: Slack keeps what was chosen under the same one. */
function row(
  form: Form,
  words: { readonly block: string; readonly label: string; readonly element: StaticSelect | ExternalSelect | null },
): KnownBlock {
  if (words.element === null) return section(`*${words.label}:* nothing to choose from`);
  const label = plainText(words.label, LIMITS.optionText);
  const block_id = cut(words.block, 255);
  if (form === "shown") return { type: "section", block_id, text: label, accessory: words.element };
  return { type: "input", block_id, dispatch_action: true, label, element: words.element };
}

/** The body of the card that would be asked about, without its title, state and buttons. */
function previewBlocks(choices: DeployChoices, shownAt: RenderContext): readonly KnownBlock[] {
  if (choices.preview === null) return [];
  return renderCard(choices.preview, shownAt)
    .blocks.slice(2)
    .filter((block) => block.type === "rich_text" || block.type === "section");
}
