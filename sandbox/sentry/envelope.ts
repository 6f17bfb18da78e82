import { gunzipSync, inflateSync } from "node:zlib";
import { basename } from "node:path";
import type { JsonObject } from "../loopback.ts";
import { asObject, asText } from "../loopback.ts";

/** What the look-alike keeps of one error event that an SDK sent. */
export type Incoming = {
  readonly eventId: string;
  /** When the SDK says it happened; null: it does not. */
  readonly happened: Date | null;
  readonly type: string;
  readonly value: string;
  /** Function and file of the innermost frame of the app; where the issue "is". */
  readonly culprit: string;
  /** The same frame's file as the SDK names it; null: it names none. */
  readonly file: string | null;
  readonly level: string;
  readonly isHandled: boolean;
  readonly release: string | null;
  readonly environment: string;
  readonly serverName: string | null;
  readonly user: string | null;
};

/** What the look-alike keeps of one transaction. */
export type IncomingTransaction = {
  readonly ended: Date;
  readonly durationMs: number;
  readonly isFailed: boolean;
  readonly release: string | null;
  readonly environment: string;
};

/** The bytes of a request body, unpacked. */
export function unpack(body: Buffer, encoding: string | undefined): Buffer {
  if (encoding === "gzip") return gunzipSync(body);
  return encoding === "deflate" ? inflateSync(body) : body;
}

/** The transactions of an envelope: a kind of item in older SDKs, in newer ones the spans that are a segment of their own. */
export function transactionsOf(envelope: Buffer): IncomingTransaction[] {
  return itemsOf(envelope).flatMap(({ header, payload }) => {
    const sent = parseObject(payload);
    if (sent === null) return [];
    if (header["type"] === "transaction") return fromTransaction(sent);
    const spans: unknown = header["type"] === "span" ? sent["items"] : null;
    return Array.isArray(spans) ? spans.map(asObject).flatMap((span) => (span?.["is_segment"] === true ? fromSpan(span) : [])) : [];
  });
}

/** What it ended with is in the context of its trace. */
function fromTransaction(sent: JsonObject): IncomingTransaction[] {
  const status = asText(asObject(asObject(sent["contexts"])?.["trace"])?.["status"]) ?? "ok";
  const isFailed = !["ok", "cancelled", "unknown"].includes(status);
  const about = { isFailed, release: asText(sent["release"]), environment: asText(sent["environment"]) ?? "production" };
  return timed(Number(sent["start_timestamp"]), Number(sent["timestamp"]), about);
}

function fromSpan(span: JsonObject): IncomingTransaction[] {
  const told = (name: string) => asText(asObject(asObject(span["attributes"])?.[name])?.["value"]);
  const about = {
    isFailed: span["status"] === "error",
    release: told("sentry.release"),
    environment: told("sentry.environment") ?? "production",
  };
  return timed(Number(span["start_timestamp"]), Number(span["end_timestamp"]), about);
}

function timed(started: number, ended: number, about: Omit<IncomingTransaction, "ended" | "durationMs">): IncomingTransaction[] {
  return ended >= started ? [{ ...about, ended: new Date(ended * 1000), durationMs: (ended - started) * 1000 }] : [];
}

/** The error events of an envelope; client reports and the like are passed over. Format: develop.sentry.dev/sdk/envelopes. */
export function eventsOf(envelope: Buffer): Incoming[] {
  return itemsOf(envelope).flatMap(({ header, payload }) => {
    const event = header["type"] === "event" ? parseObject(payload) : null;
    return event === null ? [] : [toIncoming(event)];
  });
}

/** An envelope's items, each with its own header. */
export function itemsOf(envelope: Buffer): { header: JsonObject; payload: Buffer }[] {
  const items: { header: JsonObject; payload: Buffer }[] = [];
  let position = lineEnd(envelope, 0) + 1;
  while (position < envelope.length) {
    const headerEnd = lineEnd(envelope, position);
    const header = parseObject(envelope.subarray(position, headerEnd));
    if (header === null) break;
    const length = header["length"];
    const start = headerEnd + 1;
    // Without a length the payload ends at the line's end.
    const end = typeof length === "number" ? start + length : lineEnd(envelope, start);
    items.push({ header, payload: envelope.subarray(start, end) });
    position = end + 1;
  }
  return items;
}

function lineEnd(bytes: Buffer, from: number): number {
  const end = bytes.indexOf(10, from);
  return end === -1 ? bytes.length : end;
}

export function parseObject(bytes: Buffer): JsonObject | null {
  try {
    return asObject(JSON.parse(bytes.toString("utf8")));
  } catch {
    return null;
  }
}

function toIncoming(event: JsonObject): Incoming {
  const exception = last(asObject(event["exception"])?.["values"]);
  const frame = topFrame(asObject(exception?.["stacktrace"])?.["frames"]);
  const user = asObject(event["user"]);
  const id = user?.["id"] ?? user?.["ip_address"];
  return {
    eventId: asText(event["event_id"]) ?? "",
    happened: momentOf(event["timestamp"]),
    type: asText(exception?.["type"]) ?? "Error",
    value: asText(exception?.["value"]) ?? asText(event["message"]) ?? "",
    culprit: frame === null ? (asText(event["transaction"]) ?? "unknown") : placeOf(frame),
    file: asText(frame?.["filename"]) ?? asText(frame?.["module"]),
    level: asText(event["level"]) ?? "error",
    isHandled: asObject(exception?.["mechanism"])?.["handled"] !== false,
    release: asText(event["release"]),
    environment: asText(event["environment"]) ?? "production",
    serverName: asText(event["server_name"]),
    user: id === undefined || id === null ? null : String(id),
  };
}

/** Seconds since 1970 from most SDKs, a text from some. */
export function momentOf(timestamp: unknown): Date | null {
  const moment = typeof timestamp === "number" ? new Date(timestamp * 1000) : new Date(asText(timestamp) ?? Number.NaN);
  return Number.isNaN(moment.getTime()) ? null : moment;
}

/** Frames stand outermost first; the last one of the app's own code counts. */
function topFrame(frames: unknown): JsonObject | null {
  if (!Array.isArray(frames)) return null;
  const all = frames.map(asObject).filter((frame) => frame !== null);
  return all.findLast((frame) => frame["in_app"] === true) ?? all.at(-1) ?? null;
}

/** Only the file's name: the folder differs from release to release, the issue must not. */
function placeOf(frame: JsonObject): string {
  const file = basename(asText(frame["filename"]) ?? asText(frame["module"]) ?? "unknown");
  const name = asText(frame["function"]);
  return name === null ? file : `${name} (${file})`;
}

function last(values: unknown): JsonObject | null {
  return Array.isArray(values) ? asObject(values.at(-1)) : null;
}
