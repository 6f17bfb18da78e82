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
  readonly level: string;
  readonly isHandled: boolean;
  readonly release: string | null;
  readonly environment: string;
  readonly serverName: string | null;
  readonly user: string | null;
};

/** The bytes of a request body, unpacked. */
export function unpack(body: Buffer, encoding: string | undefined): Buffer {
  if (encoding === "gzip") return gunzipSync(body);
  return encoding === "deflate" ? inflateSync(body) : body;
}

/** The error events of an envelope; sessions, client reports and the like are passed over. Format: develop.sentry.dev/sdk/envelopes. */
export function eventsOf(envelope: Buffer): Incoming[] {
  return itemsOf(envelope).flatMap(({ header, payload }) => {
    const event = header["type"] === "event" ? parseObject(payload) : null;
    return event === null ? [] : [toIncoming(event)];
  });
}

function itemsOf(envelope: Buffer): { header: JsonObject; payload: Buffer }[] {
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

function parseObject(bytes: Buffer): JsonObject | null {
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
    level: asText(event["level"]) ?? "error",
    isHandled: asObject(exception?.["mechanism"])?.["handled"] !== false,
    release: asText(event["release"]),
    environment: asText(event["environment"]) ?? "production",
    serverName: asText(event["server_name"]),
    user: id === undefined || id === null ? null : String(id),
  };
}

/** Seconds since 1970 from most SDKs, a text from some. */
function momentOf(timestamp: unknown): Date | null {
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
