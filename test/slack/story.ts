import type { KnownBlock } from "@slack/types";

/** Rendered blocks as lines a person can read in a review. */
export function story(rendered: { readonly text: string; readonly blocks: readonly KnownBlock[] }): string {
  return [`text: ${rendered.text}`, ...rendered.blocks.map((block) => told(block))].join("\n");
}

function told(block: KnownBlock): string {
  switch (block.type) {
    case "header":
      return `# ${block.text.text}`;
    case "section":
      return block.text?.text ?? "";
    case "context":
      return `(${block.elements.map((element) => ("text" in element ? element.text : "")).join(" ")})`;
    case "actions":
      return block.elements
        .map(
          (element) =>
            `[${element.type === "button" ? `${element.text.text}${element.style === undefined ? "" : ` ${element.style}`}` : optionsOf(element)}]`,
        )
        .join(" ");
    case "rich_text":
      return block.elements
        .flatMap((element) =>
          element.type === "rich_text_list"
            ? element.elements.map((item) => `- ${item.elements.map((part) => ("text" in part ? part.text : "")).join("")}`)
            : element.elements.map((part) => ("text" in part ? part.text : "")),
        )
        .join("\n");
    default:
      return block.type;
  }
}

function optionsOf(element: object): string {
  return "options" in element && Array.isArray(element.options)
    ? element.options.map((option: { text: { text: string } }) => option.text.text).join(" | ")
    : "?";
}
