import type { Json } from "../json.ts";
import { option, optionGroup } from "./objects.ts";
import { list, type Fault } from "./rules.ts";

/** What a block_suggestion may be answered with: at most 100 options, or 100 groups of them. */
export function checkOptions(answer: Json): readonly Fault[] {
  const { options, option_groups: groups } = answer;
  if (groups !== undefined) return list(optionGroup, { max: 100 })(groups, "/option_groups");
  if (options === undefined) return [{ pointer: "/options", message: "missing required field: options", code: "missing_field" }];
  return list(option, { max: 100 })(options, "/options");
}
