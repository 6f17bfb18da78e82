import type { WebClient } from "@slack/web-api";
import type { LogFile } from "./deps.ts";
import { failureOf } from "./slack-errors.ts";
import { sendBytes } from "./upload.ts";

/** `again`: not sent now, and the same later may work. */
export type Sent = { readonly kind: "sent" } | { readonly kind: "again" } | { readonly kind: "not"; readonly because: string };

/**
 * Sends a file to one person alone: a file in a channel is everybody's, so it goes to their messages with the bot. Needs the scopes
 * files:write and im:write, which a team may do without.
 */
export async function sendLog(client: WebClient, user: string, file: LogFile): Promise<Sent> {
  try {
    const opened = await client.conversations.open({ users: user });
    const channel = opened.channel?.id;
    if (channel === undefined) return { kind: "not", because: "Slack opened no conversation with you." };
    const bytes = Buffer.from(file.text);
    const ticket = await client.files.getUploadURLExternal({ filename: file.name, length: bytes.length });
    if (ticket.upload_url === undefined || ticket.file_id === undefined) return { kind: "again" };
    if (!(await sendBytes(ticket.upload_url, bytes, "text/plain; charset=utf-8"))) return { kind: "again" };
    await client.files.completeUploadExternal({
      files: [{ id: ticket.file_id, title: file.title }],
      channel_id: channel,
      initial_comment: `The log of ${file.title}`,
    });
    return { kind: "sent" };
  } catch (error) {
    const failure = failureOf(error);
    switch (failure.kind) {
      case "wait":
      case "unknown":
      case "later":
        return { kind: "again" };
      case "rights":
      case "channel":
        return { kind: "not", because: failure.sentence };
      default:
        return { kind: "not", because: REFUSED[failure.code] ?? `Slack refused the file (${failure.code}).` };
    }
  }
}

const REFUSED: Readonly<Record<string, string>> = {
  file_uploads_disabled: "This workspace does not allow files.",
  file_uploads_except_images_disabled: "This workspace allows no files but images.",
  file_type_not_allowed: "This workspace does not allow files of this kind.",
  file_upload_size_restricted: "This workspace does not allow files of this size.",
  storage_limit_reached: "This workspace has no room for files any more.",
};
