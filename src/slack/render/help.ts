import type { Answer } from "../../domain/intent.ts";
import { entities, foreign, inCode } from "../escape.ts";
import { FORMS, formOf, usageOf, type Example, type Form } from "../grammar/forms.ts";
import { list } from "../words.ts";
import type { Rendered } from "./drawing.ts";
import { lines } from "./lines.ts";

type HelpAnswer = Extract<Answer, { readonly kind: "help" }>;

const GROUPS: readonly (readonly [Form["group"], string])[] = [
  ["Look", "Look. Nothing is done by asking."],
  ["Decide", "Decide. The card has buttons for all of it."],
  ["Hold", "Hold. It always ends by itself, and never stops a rollback."],
  ["For you", "For you"],
];
/** In words of no app, until one is configured. */
const NO_APP: Example = { app: "shop", environment: "production", before: "staging" };

/** One screen of what can be typed, each with names that exist; or one word of it. */
export function renderHelp(answer: HelpAnswer): Rendered {
  const form = formOf(answer.about ?? "");
  return lines(form === null ? everything(answer) : oneWord(answer, form));
}

function everything(answer: HelpAnswer): readonly string[] {
  const at = answer.example ?? NO_APP;
  const version = at.before === null ? "" : `, ${typed(answer, `${at.app} 9f3c2ab to ${at.before}`)}`;
  const alone = answer.apps.length === 1 ? " With one app its name may be left out." : "";
  return [
    `*What you can type.* ${inCode(answer.command, 32)} alone opens a form, like *New deployment…* on the Home tab; nothing starts without saying so first.`,
    `${typed(answer, at.app)} choose what goes where, and see what would change`,
    `${typed(answer, `${at.app} ${at.environment}`)} the newest version that may go there`,
    `${typed(answer, `${at.app} main to ${at.environment}`)}${version} a branch, tag or commit${alone}`,
    ...GROUPS.flatMap(([group, title]) => [
      `*${title}*`,
      ...FORMS.filter((form) => form.group === group).map((form) => `${typed(answer, form.example(at))} ${form.says}`),
    ]),
    answer.apps.length === 0
      ? "No app is configured yet."
      : `*Apps:* ${list(
          answer.apps.map((name) => foreign(name, 40)),
          20,
        )}. Yes and no are buttons on the card: they count for what it shows. ${typed(answer, "help lock")} says more of one word.`,
  ];
}

function oneWord(answer: HelpAnswer, form: Form): readonly string[] {
  return [
    `*${typed(answer, usageOf(form))}* ${form.says}.`,
    ...(form.more === "" ? [] : [entities(form.more)]),
    `For example: ${typed(answer, form.example(answer.example ?? NO_APP))}`,
  ];
}

function typed({ command }: HelpAnswer, words: string): string {
  return inCode(`${command} ${words}`, 200);
}
