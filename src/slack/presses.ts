import { setTimeout as pause } from "node:timers/promises";
import type { WebClient } from "@slack/web-api";
import type { DeploymentId } from "../domain/ids.ts";
import type { Answer } from "../domain/intent.ts";
import type { Click, SlackDeps, Where } from "./deps.ts";
import type { SlackDirectory } from "./directory.ts";
import { sendLog } from "./send-log.ts";
import { renderAnswer } from "./render/answer.ts";
import type { Rendered } from "./render/drawing.ts";
import { section } from "./render/blocks.ts";

/** Slack waits 3 s for the ack; the rest is for the network on both sides. */
const TAKE_MS = 1_500;
/** A click that could not be carried out is tried again this long afterwards; it stays stored for the next start. */
const AGAIN_MS = [1_000, 5_000, 20_000] as const;
/** An answer that Slack did not take is offered again; half an hour later nobody waits for it. */
const SHOW_AGAIN_MS = [5_000, 30_000, 120_000, 600_000] as const;
const RESPONSE_URL_TIMEOUT_MS = 5_000;

export const NOT_TAKEN = "Not taken: Greenlight could not write it down in time. Nothing was done, press again.";

export type Presses = {
  /**
   * Stores the click, then acks, then carries it out and shows the answer. Not stored in time: `late` is told instead of
   * `ack`, and nothing happens. Answers when the ack is out.
   */
  press(click: Click, answers: { ack(): Promise<void>; late(): Promise<void> }): Promise<void>;
  /** Says something to one person without a click; false: nobody could be reached. */
  tell(user: string, where: Where, words: Rendered): Promise<boolean>;
  /** Carries out what was stored and never answered. */
  resume(): Promise<void>;
  /** Waits for answers on their way, at most this long; what is left is resumed at the next start. */
  drain(ms: number): Promise<void>;
};

export function createPresses(client: WebClient, directory: SlackDirectory, deps: SlackDeps): Presses {
  const busy = new Map<string, Promise<void>>();
  const stopping = new AbortController();

  async function taken(click: Click): Promise<"taken" | "known" | "late"> {
    const timer = new AbortController();
    const taking = deps.takeClick(click);
    try {
      const outcome = await Promise.race([taking, pause(TAKE_MS, "late" as const, { signal: timer.signal, ref: false })]);
      if (outcome === "late") void withdraw(click, taking);
      return outcome;
    } catch (error) {
      deps.report(error, { click: click.id, intent: click.intent.kind });
      return "late";
    } finally {
      timer.abort();
    }
  }

  /** Its presser was told that it was not taken: should it be stored after all, nobody may resume it. */
  async function withdraw(click: Click, taking: Promise<unknown>): Promise<void> {
    try {
      if ((await taking) === "taken") await deps.answered(click.id);
    } catch (error) {
      deps.report(error, { click: click.id, intent: click.intent.kind });
    }
  }

  function begin(click: Click): void {
    if (busy.has(click.id)) return;
    const task = answer(click)
      .catch((error: unknown) => deps.report(error, { click: click.id, intent: click.intent.kind }))
      .finally(() => busy.delete(click.id));
    busy.set(click.id, task);
  }

  async function answer(click: Click): Promise<void> {
    const given = await carriedOut(click);
    if (given === null) {
      await tell(
        click.actor.id,
        click.where,
        plainly("Taken, but it could not be carried out yet. It is tried again when Greenlight starts anew."),
      );
      return;
    }
    let words = given.kind === "log_file" ? null : renderAnswer(given, { now: deps.now() });
    // Not seen is not answered: tried for a while now, and again at the next start.
    for (const wait of [0, ...SHOW_AGAIN_MS]) {
      if (wait > 0) await pause(wait, undefined, { ref: false });
      if (given.kind === "log_file") words ??= await sentLog(click.actor.id, given.deployment);
      if (words !== null && (await tell(click.actor.id, click.where, words))) return deps.answered(click.id);
      if (stopping.signal.aborted) return;
    }
  }

  /** Null: Slack did not take it now. */
  async function sentLog(user: string, deployment: DeploymentId): Promise<Rendered | null> {
    const file = await deps.logFile(deployment);
    if (file === null) return plainly("There is no log any more.");
    const sent = await sendLog(client, user, file);
    if (sent.kind === "again") return null;
    if (sent.kind === "sent") return plainly("The whole log is in your messages with Greenlight.");
    return plainly(`The log was not sent. ${sent.because} On the bot’s machine: \`greenlight logs ${deployment}\``);
  }

  async function carriedOut(click: Click): Promise<Answer | null> {
    for (const wait of [0, ...AGAIN_MS]) {
      if (wait > 0) await pause(wait, undefined, { ref: false });
      if (stopping.signal.aborted && wait > 0) return null;
      try {
        return await deps.carryOut(click.id, await directory.person(click.actor.id).catch(() => null));
      } catch (error) {
        deps.report(error, { click: click.id, intent: click.intent.kind });
      }
    }
    return null;
  }

  async function tell(user: string, where: Where, words: Rendered): Promise<boolean> {
    if (await ephemeral(client, user, where, words)) return true;
    if (where.responseUrl !== null && (await respond(where.responseUrl, words))) return true;
    if (await direct(client, user, words)) return true;
    deps.log("warn", "an answer reached nobody", { user });
    return false;
  }

  return {
    async press(click, answers) {
      const outcome = await taken(click);
      if (outcome === "late") return answers.late();
      await answers.ack();
      // The same click again: whoever took it first answers it.
      if (outcome === "taken") begin(click);
    },
    tell,
    async resume() {
      for (const click of await deps.unansweredClicks()) begin(click);
    },
    async drain(ms) {
      stopping.abort();
      await Promise.race([Promise.all(busy.values()), pause(ms, undefined, { ref: false })]);
    },
  };
}

export function plainly(text: string): Rendered {
  return { text, blocks: [section(text)] };
}

/** In a thread only for who pressed there: elsewhere Slack would not show it. */
async function ephemeral(client: WebClient, user: string, where: Where, words: Rendered): Promise<boolean> {
  if (where.channel === null || where.channel.startsWith("D")) return false;
  try {
    await client.chat.postEphemeral({
      channel: where.channel,
      user,
      text: words.text,
      blocks: words.blocks,
      ...(where.thread === null ? {} : { thread_ts: where.thread }),
    });
    return true;
  } catch {
    return false;
  }
}

/** Works where the bot is no member; five times in half an hour. */
async function respond(url: string, words: Rendered): Promise<boolean> {
  try {
    const answer = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ response_type: "ephemeral", replace_original: false, text: words.text, blocks: words.blocks }),
      signal: AbortSignal.timeout(RESPONSE_URL_TIMEOUT_MS),
      redirect: "error",
    });
    return answer.ok;
  } catch {
    return false;
  }
}

async function direct(client: WebClient, user: string, words: Rendered): Promise<boolean> {
  const { postMessage } = client.chat;
  try {
    await postMessage({ channel: user, text: words.text, blocks: words.blocks });
    return true;
  } catch {
    return false;
  }
}
