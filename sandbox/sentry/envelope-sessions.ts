import type { JsonObject } from "../loopback.ts";
import { asObject, asText } from "../loopback.ts";
import { itemsOf, momentOf, parseObject } from "./envelope.ts";

/** What the look-alike keeps of sessions: one (`sid`, told anew as it goes on), or as many as a server counted in a minute. */
export type IncomingSessions = {
  readonly sid: string | null;
  readonly started: Date;
  readonly release: string;
  readonly environment: string;
  readonly sessions: number;
  readonly crashed: number;
};

/** The sessions of an envelope; those without a release are dropped, as Sentry does. Format: develop.sentry.dev/sdk/telemetry/sessions. */
export function sessionsOf(envelope: Buffer): IncomingSessions[] {
  return itemsOf(envelope).flatMap(({ header, payload }) => {
    const sent = header["type"] === "session" || header["type"] === "sessions" ? parseObject(payload) : null;
    const attributes = asObject(sent?.["attrs"]);
    const release = asText(attributes?.["release"]);
    if (sent === null || release === null) return [];
    const about = { release, environment: asText(attributes?.["environment"]) ?? "production" };
    if (header["type"] === "session") return [...oneSession(sent, about)];
    const counted: unknown = sent["aggregates"];
    return Array.isArray(counted)
      ? counted.map(asObject).flatMap((minute) => (minute === null ? [] : [...countedSessions(minute, about)]))
      : [];
  });
}

type About = Pick<IncomingSessions, "release" | "environment">;

function* oneSession(sent: JsonObject, about: About): Iterable<IncomingSessions> {
  const [sid, started] = [asText(sent["sid"]), momentOf(sent["started"])];
  if (sid !== null && started !== null) yield { ...about, sid, started, sessions: 1, crashed: sent["status"] === "crashed" ? 1 : 0 };
}

function* countedSessions(minute: JsonObject, about: About): Iterable<IncomingSessions> {
  const started = momentOf(minute["started"]);
  const count = (name: string): number => Number(minute[name] ?? 0);
  const sessions = count("exited") + count("errored") + count("abnormal") + count("crashed");
  if (started !== null && sessions > 0) yield { ...about, sid: null, started, sessions, crashed: count("crashed") };
}
