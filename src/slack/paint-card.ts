import { createHash } from "node:crypto";
import type { WebClient } from "@slack/web-api";
import type { CardModel } from "../domain/card.ts";
import type { PainterDeps, StoredCard } from "./deps.ts";
import type { Pace } from "./pace.ts";
import { post, type Posted } from "./post.ts";
import { renderCard, renderPlain } from "./render/card.ts";
import type { Rendered } from "./render/drawing.ts";
import { failureOf, type SlackFailure } from "./slack-errors.ts";

/** One card onto Slack: rendered at the moment of sending, so that what is sent is never stale. */

export const CARD_EVENT = "greenlight_card";
export const REPLY_EVENT = "greenlight_reply";

export type Easel = {
  readonly client: WebClient;
  readonly deps: PainterDeps;
  readonly pace: Pace;
  /** The team's time zone, for titles. */
  timezone(): string;
  groups(): Promise<ReadonlyMap<string, string>>;
  /** The id behind `#name`; what was given when Slack does not know it, so that Slack says what is wrong. */
  channelId(channel: string): Promise<string>;
  /** People of another company read there too: no log is shown. Of a channel that Slack does not list to us nothing is known. */
  isShared(channel: string): Promise<boolean>;
  /** May the history be read? Then a post of unknown outcome is looked for before it is posted again. */
  mayReadHistory(): Promise<boolean>;
  /** Why a card had to be posted anew, until its thread says so. */
  readonly moved: Map<string, string>;
  /** Nothing is sent before this time: the app's rights are broken. */
  rightsBroken(sentence: string, code: string): void;
};

/** Answers whether anything came of it: if not, looking again at once would be in vain. */
export async function paintCard(easel: Easel, card: StoredCard): Promise<boolean> {
  const { deps, pace } = easel;
  const method = card.ts === null ? "chat.postMessage" : "chat.update";
  if (!pace.open(method) || !(card.ts === null ? pace.mayPost(card.channel) : pace.has(card.priority))) return false;
  const loaded = await deps.loadCard(card.id);
  if (loaded === null) return false;
  const rendered = renderCard(loaded.model, { now: deps.now(), timezone: easel.timezone() });
  const hash = hashOf(rendered);
  if (card.ts !== null && hash === card.paintedHash) {
    // A tick is expected to be unchanged most times; writing that down each time would only load the database.
    if (card.priority === "tick") return false;
    await deps.painted(card.id, { channel: card.channel, ts: card.ts, hash, drawnVersion: loaded.version });
    return true;
  }
  if (card.ts !== null && !pace.take(card.priority)) return false;
  try {
    const at = await send(easel, card, rendered);
    await finish(easel, card, { ...at, hash, drawnVersion: loaded.version });
    return true;
  } catch (error) {
    return failed(easel, card, { failure: failureOf(error), method, model: loaded.model, version: loaded.version, hash });
  }
}

async function send(easel: Easel, card: StoredCard, content: Rendered): Promise<Posted> {
  if (card.ts !== null) return update(easel, { channel: card.channel, ts: card.ts }, content);
  const channel = await easel.channelId(card.channel);
  if (card.posting) {
    const found = await findCard(easel, channel, card.id);
    if (found !== null) return update(easel, found, content);
  } else {
    await easel.deps.markPosting(card.id);
  }
  easel.pace.posted(card.channel);
  return post(easel.client, {
    channel,
    thread: null,
    broadcast: false,
    ...content,
    metadata: { event_type: CARD_EVENT, event_payload: { card: card.id } },
  });
}

async function update(easel: Easel, at: Posted, content: Rendered): Promise<Posted> {
  await easel.client.chat.update({ ...at, ...content });
  return at;
}

/** The post whose answer never came. Null: it is not there, or nobody may look. */
async function findCard(easel: Easel, channel: string, card: string): Promise<Posted | null> {
  if (!(await easel.mayReadHistory())) return null;
  const found = await search(async () => {
    const page = await easel.client.conversations.history({ channel, limit: 50, include_all_metadata: true });
    return (page.messages ?? []).find((message) => isOurs(message.metadata, CARD_EVENT, "card", card))?.ts ?? null;
  });
  return found === null ? null : { channel, ts: found };
}

/** A private channel wants another scope than a public one: then nothing is found, and it is posted again. */
export async function search(look: () => Promise<string | null>): Promise<string | null> {
  try {
    return await look();
  } catch (error) {
    if (failureOf(error).kind === "rights") return null;
    throw error;
  }
}

export function isOurs(
  metadata: { readonly event_type?: string; readonly event_payload?: object } | undefined,
  event: string,
  key: string,
  id: string,
): boolean {
  if (metadata?.event_type !== event || metadata.event_payload === undefined) return false;
  return Object.entries(metadata.event_payload).some(([name, value]) => name === key && value === id);
}

async function finish(
  easel: Easel,
  card: StoredCard,
  at: Posted & { readonly hash: string; readonly drawnVersion: number },
): Promise<void> {
  await easel.deps.painted(card.id, at);
  easel.pace.succeeded(card.id);
  const because = easel.moved.get(card.id);
  if (because === undefined || card.ts !== null) return;
  easel.moved.delete(card.id);
  const text = `The earlier card is gone (${because}). This one goes on from here.`;
  await post(easel.client, { channel: at.channel, thread: at.ts, broadcast: false, text, blocks: [], metadata: null }).catch(
    (error: unknown) => easel.deps.report(error, { card: card.id, doing: "saying that the card moved" }),
  );
}

type Failed = {
  readonly failure: SlackFailure;
  readonly method: string;
  readonly model: CardModel;
  readonly version: number;
  readonly hash: string;
};

async function failed(easel: Easel, card: StoredCard, what: Failed): Promise<boolean> {
  const { deps, pace } = easel;
  const { failure } = what;
  switch (failure.kind) {
    case "wait":
      pace.pause(what.method, failure.ms);
      return false;
    case "unknown":
    case "later":
      pace.failed(card.id);
      deps.log("warn", "a card was not painted, trying again", {
        card: card.id,
        because: failure.kind === "later" ? failure.code : failure.because,
      });
      return false;
    case "gone":
      easel.moved.set(card.id, failure.code === "message_not_found" ? "somebody deleted it" : "Slack does not let it be edited any more");
      await deps.lost(card.id, failure.code);
      return true;
    case "channel":
      await deps.broken(card.id, failure.sentence);
      return true;
    case "rights":
      easel.rightsBroken(failure.sentence, failure.code);
      return false;
    case "form":
    case "refused":
      return lastResort(easel, card, what);
    default:
      return failure satisfies never;
  }
}

/** Slack refused our blocks: people still get the whole story as text, and we hear of it. */
async function lastResort(easel: Easel, card: StoredCard, what: Failed): Promise<boolean> {
  const { failure } = what;
  const code = "code" in failure ? failure.code : failure.kind;
  easel.deps.report(new Error(`Slack refused a card: ${code}`), { card: card.id, detail: "detail" in failure ? failure.detail : null });
  try {
    const at = await send(easel, card, renderPlain(what.model, { now: easel.deps.now(), timezone: easel.timezone() }));
    await finish(easel, card, { ...at, hash: what.hash, drawnVersion: what.version });
    return true;
  } catch (error) {
    const again = failureOf(error);
    if (again.kind === "wait") easel.pace.pause(what.method, again.ms);
    else easel.pace.failed(card.id);
    return false;
  }
}

function hashOf(rendered: Rendered): string {
  return createHash("sha256")
    .update(JSON.stringify([rendered.text, rendered.blocks]))
    .digest("hex");
}
