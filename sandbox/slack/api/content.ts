import { markdownLength } from "../block-kit/composition.ts";
import { checkBlocks, refusal } from "../block-kit/validate.ts";
import type { Context } from "../context.ts";
import { isJson, objectsOf, textOf, type Json } from "../json.ts";
import { MOST_ATTACHMENTS, MOST_MARKDOWN, MOST_METADATA } from "../limits.ts";
import { fillIds } from "../messages.ts";
import { failed, type Answer } from "./answer.ts";
import { structureOf } from "./arguments.ts";

/** What a message says: shared by post, update, ephemeral and response_url. Undefined members were not given. */
export type Content = {
  readonly text: string | undefined;
  readonly blocks: Json[] | undefined;
  readonly attachments: Json[] | undefined;
  readonly metadata: Json | undefined;
  /** True also for `{}`, which removes what is there. */
  readonly metadataGiven: boolean;
};

export type Read = { readonly ok: true; readonly value: Content } | { readonly ok: false; readonly answer: Answer };

export function readContent(context: Context, args: Json): Read {
  const blocks = readBlocks(context, args);
  if (!blocks.ok) return blocks;
  const attachments = structureOf(args, "attachments");
  if (attachments.present && !Array.isArray(attachments.value)) return refuse("invalid_attachments");
  if (Array.isArray(attachments.value) && attachments.value.length > MOST_ATTACHMENTS) return refuse("too_many_attachments");
  const metadata = readMetadata(args);
  if (!metadata.ok) return metadata;
  const markdown = textOf(args["markdown_text"]);
  const text = textOf(args["text"]);
  if (markdown !== undefined && (text !== undefined || blocks.value !== undefined)) return refuse("markdown_text_conflict");
  if ((markdown ?? "").length > MOST_MARKDOWN) return refuse("msg_too_long");
  const listed = attachments.present ? objectsOf(attachments.value) : undefined;
  return {
    ok: true,
    value: { text: text ?? markdown, blocks: blocks.value, attachments: listed, metadata: metadata.value, metadataGiven: metadata.given },
  };
}

type Refused = { readonly ok: false; readonly answer: Answer };

function refuse(error: string): Refused {
  return { ok: false, answer: failed(error) };
}

function readBlocks(context: Context, args: Json): { ok: true; value: Json[] | undefined } | Refused {
  const given = structureOf(args, "blocks");
  if (!given.present) return { ok: true, value: undefined };
  if (!Array.isArray(given.value) || !given.value.every(isJson)) return refuse("invalid_blocks_format");
  const blocks = objectsOf(given.value);
  const faults = checkBlocks(blocks, "message", "/blocks");
  if (faults.length > 0) {
    const error = faults.some((fault) => fault.code === "only_one_table_allowed") ? "invalid_attachments" : "invalid_blocks";
    return { ok: false, answer: { ...refusal(error, faults), ok: false } };
  }
  if (markdownLength(blocks) > MOST_MARKDOWN) return refuse("msg_blocks_too_long");
  return { ok: true, value: fillIds(context, blocks) };
}

function readMetadata(args: Json): { ok: true; value: Json | undefined; given: boolean } | Refused {
  const given = structureOf(args, "metadata");
  if (!given.present) return { ok: true, value: undefined, given: false };
  if (!isJson(given.value)) return refuse("invalid_metadata_format");
  if (Object.keys(given.value).length === 0) return { ok: true, value: undefined, given: true };
  const sound = typeof given.value["event_type"] === "string" && given.value["event_type"] !== "" && isJson(given.value["event_payload"]);
  if (!sound && !Array.isArray(given.value["entities"])) return refuse("invalid_metadata_schema");
  if (JSON.stringify(given.value).length > MOST_METADATA) return refuse("metadata_too_large");
  return { ok: true, value: given.value, given: true };
}
