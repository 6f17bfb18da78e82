import type { PlainTextOption } from "@slack/types";
import type { RefChoice, RefChoices } from "../../domain/ref-choices.ts";
import { titleWords } from "../words.ts";
import { LIMITS } from "../limits.ts";
import { option, plainText } from "./blocks.ts";

/** What stands where nothing was found and that has to be said: choosing it chooses nothing. */
export const NO_CHOICE = "nothing";

type OptionGroup = { readonly label: ReturnType<typeof plainText>; readonly options: PlainTextOption[] };

/** The answer to what somebody types into "What": never more than Slack shows, and a line that says so where the code host is silent. */
export function renderRefOptions(found: RefChoices): { options: PlainTextOption[] } | { option_groups: OptionGroup[] } {
  const groups = [
    groupOf("Candidates", found.candidates),
    groupOf("Branches", found.branches),
    groupOf("Tags", found.tags),
    groupOf("Recent commits", found.commits),
  ].filter((group) => group !== null);
  if (!found.away) return groups.length === 0 ? { options: [] } : { option_groups: groups };
  const nothing = groups.length === 0 ? "Nothing that is known here fits" : "Branches and tags may be missing";
  const silent = { label: plainText("The code host does not answer", LIMITS.optionText), options: [option(nothing, NO_CHOICE)] };
  return { option_groups: [...groups, silent] };
}

function groupOf(label: string, choices: readonly RefChoice[]): OptionGroup | null {
  const options = choices.filter(({ value }) => value !== "" && value.length <= LIMITS.optionValue).map(refOption);
  return options.length === 0 ? null : { label: plainText(label, LIMITS.optionText), options };
}

/** "Pay with Bancontact (9f3c2ab, newest that passed)": the title as on the cards, what stands behind it whole. */
export function refOption(choice: RefChoice): PlainTextOption {
  const behind = choice.note === null || choice.note === choice.name ? "" : ` (${choice.note})`;
  const words = choice.value.startsWith("refs/") ? choice.name : titleWords(choice.name);
  const room = Math.max(1, LIMITS.optionText - behind.length);
  return option(`${words.length <= room ? words : `${words.slice(0, room - 1)}…`}${behind}`, choice.value);
}
