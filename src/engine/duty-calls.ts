import { storeDuty } from "../db/replies.ts";
import type { Reply } from "../domain/card.ts";
import { rosterSentence, unaskedRosters, withDuty, type OnDuty } from "../domain/duty.ts";
import type { Engine } from "./engine.ts";
import { onDutyBy } from "./on-duty.ts";

/** An alert without the one who is on duty is worth more than one that comes late. Longer than a roster may take, for Slack to say who that is. */
const PATIENCE_MS = 4_000;

/** Asks rosters for messages that call whoever is on duty. */
export type DutyCalls = {
  /** Must this message wait until its rosters have answered, or have not in time? They are asked beside, so that nothing else waits. */
  waits(row: { readonly id: string; readonly reply: Reply }): boolean;
};

/** What a roster said is stored with the message before it is posted: drawn again, it calls the same people. */
export function dutyCalls(engine: Engine): DutyCalls {
  const asking = new Set<string>();

  async function ask(id: string, reply: Reply): Promise<void> {
    const said = await Promise.all(
      unaskedRosters(reply).map(async (name): Promise<[string, OnDuty]> => [name, await inTime(engine, name)]),
    );
    for (const sentence of said.flatMap(([, { unread }]) => unread)) engine.log("warn", sentence, { reply: id });
    await storeDuty(engine.db, id, { from: reply, to: withDuty(reply, new Map(said)) });
  }

  return {
    waits({ id, reply }) {
      if (unaskedRosters(reply).length === 0) return false;
      if (asking.has(id)) return true;
      asking.add(id);
      void ask(id, reply)
        .catch((fault: unknown) => engine.report(fault, { asking: "who is on duty", reply: id }))
        .finally(() => asking.delete(id));
      return true;
    },
  };
}

/** Whatever happens, there is an answer: what keeps the asking from its end must not keep back the alert. */
async function inTime(engine: Engine, name: string): Promise<OnDuty> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<OnDuty>((resolve) => {
    timer = setTimeout(() => resolve(silent(name, "no answer in time")), PATIENCE_MS);
  });
  const said = onDutyBy(engine, name).catch((fault: unknown) => {
    engine.report(fault, { asking: "who is on duty", roster: name });
    return silent(name, "asking for it failed");
  });
  return Promise.race([said, late]).finally(() => clearTimeout(timer));
}

function silent(name: string, because: string): OnDuty {
  return { ids: [], unread: [rosterSentence(name, "unreadable", because)] };
}
