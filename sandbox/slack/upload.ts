import type { ServerResponse } from "node:http";
import type { Context } from "./context.ts";
import { sendJson } from "./web.ts";

/** POST /upload/v1/ID: the bytes of a file that was announced, as they are or as the one part of a form. */
export async function takeUpload(
  context: Context,
  id: string,
  sent: { readonly type: string; readonly body: Buffer },
  response: ServerResponse,
): Promise<void> {
  const file = context.state.files.get(id);
  if (!file) return sendJson(response, 404, { ok: false, error: "file_not_found" });
  const bytes = sent.type.startsWith("multipart/form-data") ? await partOf(sent) : sent.body;
  // Whoever announces another size than he sends gets no file: Slack would keep a broken one.
  if (bytes?.length !== file.size) return sendJson(response, 400, { ok: false, error: "length_mismatch" });
  file.bytes = bytes;
  response.writeHead(200, { "content-type": "text/plain" });
  response.end(`OK - ${bytes.length}`);
}

async function partOf(sent: { readonly type: string; readonly body: Buffer }): Promise<Buffer | null> {
  const answer = new Response(new Uint8Array(sent.body), { headers: { "content-type": sent.type } });
  const form = await answer.formData().catch(() => new FormData());
  for (const value of form.values()) return typeof value === "string" ? Buffer.from(value) : Buffer.from(await value.arrayBuffer());
  return null;
}
