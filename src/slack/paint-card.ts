import { createHash } from "node:crypto";
import type { CardModel } from "../domain/card.ts";
import type { StoredCard } from "./deps.ts";
import type { Easel } from "./easel.ts";
import { CARD_EVENT, findPost, removeTwin } from "./own-posts.ts";
import { post, type Posted } from "./post.ts";
import { renderCard, renderPlain } from "./render/card.ts";
import type { Rendered } from "./render/drawing.ts";
import { failureOf, isUndone, type SlackFailure } from "./slack-errors.ts";

/** One card onto Slack: rendered at the moment of sending, so that what is sent is never stale. */

/**
 * Answers whether anything came of it: if not, looking again at once would be in vain. Who asks for an edit has taken a token for it.
 */
export async function paintCard(easel: Easel, card: StoredCard): Promise<boolean> {
  const { deps, pace } = easel;
  const asOf = deps.now();
  const loaded = await deps.loadCard(card.id);
  const rendered = loaded === null ? null : renderCard(loaded.model, { now: deps.now(), timezone: easel.timezone() });
  const hash = rendered === null ? null : hashOf(rendered);
  if (card.ts !== null && (rendered === null || (hash === card.paintedHash && !card.broken))) pace.give();
  if (loaded === null || rendered === null || hash === null) return false;
  const known = { hash, drawnVersion: loaded.version, asOf };
  if (card.ts !== null && hash === card.paintedHash && !card.broken) {
    // A tick is expected to be unchanged most times; writing that down each time would only load the database.
    if (card.priority === "tick") return false;
    await deps.painted(card.id, { channel: card.channel, ts: card.ts, ...known, posted: false });
    return true;
  }
  try {
    const at = await send(easel, card, rendered);
    if (at === null) return false;
    await finish(easel, card, { ...at, ...known });
    return true;
  } catch (error) {
    return failed(easel, card, { failure: failureOf(error), model: loaded.model, known });
  }
}

type Known = { readonly hash: string; readonly drawnVersion: number; readonly asOf: Date };
type Sent = Posted & { readonly posted: boolean };

/** Null: another replica paints now. */
async function send(easel: Easel, card: StoredCard, content: Rendered): Promise<Sent | null> {
  if (card.ts !== null) return update(easel, { channel: card.channel, ts: card.ts }, content);
  const channel = await easel.channelId(card.channel);
  easel.idOf.set(card.channel, channel);
  if (card.posting) {
    const ts = await findPost(easel, { channel, thread: null, event: CARD_EVENT, key: "card", id: card.id });
    if (ts !== null) {
      easel.pace.owe();
      return update(easel, { channel, ts }, content);
    }
  }
  // An edit too many repairs itself, a post too many stays: asked again after whatever may have taken long.
  if (!(await easel.deps.holdLease())) return null;
  if (!card.posting) await easel.deps.markPosting(card.id);
  easel.pace.posted(channel);
  const metadata = { event_type: CARD_EVENT, event_payload: { card: card.id } };
  return { ...(await post(easel.client, { channel, thread: null, broadcast: false, ...content, metadata })), posted: true };
}

async function update(easel: Easel, at: Posted, content: Rendered): Promise<Sent> {
  await easel.client.chat.update({ ...at, ...content });
  return { ...at, posted: false };
}

async function finish(easel: Easel, card: StoredCard, at: Sent & Known): Promise<void> {
  await easel.reach.heard();
  const ours = await easel.deps.painted(card.id, at);
  easel.pace.succeeded(card.id);
  if (card.broken) await easel.deps.mended(card.id);
  if (!ours) return removeTwin(easel, at);
  const because = easel.moved.get(card.id);
  if (because === undefined || card.ts !== null) return;
  easel.moved.delete(card.id);
  const text = `The earlier card is gone (${because}). This one goes on from here.`;
  await post(easel.client, { channel: at.channel, thread: at.ts, broadcast: false, text, blocks: [], metadata: null }).catch(
    (error: unknown) => easel.deps.report(error, { card: card.id, doing: "saying that the card moved" }),
  );
}

type Failed = { readonly failure: SlackFailure; readonly model: CardModel; readonly known: Known };

async function failed(easel: Easel, card: StoredCard, what: Failed): Promise<boolean> {
  const { deps, pace } = easel;
  const { failure } = what;
  await easel.reach.failed(failure);
  // Of a post that was not done nobody has to look for a first one.
  if (card.ts === null && !card.posting && isUndone(failure)) await deps.unsent(card.id);
  switch (failure.kind) {
    case "wait":
      pace.pause(methodOf(card), failure.ms);
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

/** The method that brings this card to Slack. */
export function methodOf(card: StoredCard): "chat.postMessage" | "chat.update" {
  return card.ts === null ? "chat.postMessage" : "chat.update";
}

/** Slack refused our blocks: people still get the whole story as text, and we hear of it. */
async function lastResort(easel: Easel, card: StoredCard, what: Failed): Promise<boolean> {
  const { failure } = what;
  const code = "code" in failure ? failure.code : failure.kind;
  easel.deps.report(new Error(`Slack refused a card: ${code}`), { card: card.id, detail: "detail" in failure ? failure.detail : null });
  try {
    if (card.ts !== null) easel.pace.owe();
    const at = await send(easel, card, renderPlain(what.model, { now: easel.deps.now(), timezone: easel.timezone() }));
    if (at === null) return false;
    await finish(easel, card, { ...at, ...what.known });
    return true;
  } catch (error) {
    const again = failureOf(error);
    if (again.kind === "wait") easel.pace.pause(methodOf(card), again.ms);
    else if (again.kind === "form" || again.kind === "refused")
      await easel.deps.broken(card.id, `Slack refuses this card, also as plain text (${again.code}). The log of Greenlight says more.`);
    else easel.pace.failed(card.id);
    return false;
  }
}

function hashOf(rendered: Rendered): string {
  return createHash("sha256")
    .update(JSON.stringify([rendered.text, rendered.blocks]))
    .digest("hex");
}
