import type { RunCard } from "../../domain/card.ts";
import { duration } from "../words.ts";
import type { RenderContext } from "./drawing.ts";

const HOSTS = { github: "GitHub", gitlab: "GitLab" } as const;

/** A run of which nothing was heard for long: a card that stands still must say that it knows. Null: it was heard of. */
export function quietLine({ quiet }: RunCard, context: RenderContext): string | null {
  if (quiet === undefined) return null;
  const words = `:double_vertical_bar: *No word from CI* for ${duration(context.now.getTime() - quiet.since.getTime())}`;
  if (quiet.host === null) return words;
  const host = HOSTS[quiet.host];
  switch (quiet.answer) {
    case null:
      return words;
    case "no answer":
      return `${words}; asked ${host}: it does not answer`;
    case "running":
      return `${words}; asked ${host}: still running`;
    case "waiting":
      return `${words}; asked ${host}: still waiting`;
    default:
      return quiet.answer satisfies never;
  }
}
