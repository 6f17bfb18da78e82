import { rostersOf } from "../domain/duty.ts";
import type { Engine } from "../engine/engine.ts";
import { onDutyBy } from "../engine/on-duty.ts";
import type { Line } from "./host-lines.ts";

/** Whether each duty roster answers, and whom it names now. */
export async function rosterLines(engine: Pick<Engine, "config" | "rosters" | "directory">): Promise<readonly Line[]> {
  const rosters = engine.config.connections.filter(({ kind }) => kind === "roster");
  const environments = engine.config.apps.flatMap((app) => app.environments);
  return Promise.all(
    rosters.map(async ({ name }): Promise<Line> => {
      const answer = await engine.rosters.ask(name);
      if (answer.kind === "unreadable") return { ok: false, says: `roster ${name}: ${answer.because}` };
      const { ids, unread } = await onDutyBy(engine, name);
      if (answer.people.length > 0 && unread.length > 0) return { ok: false, says: `roster ${name}: ${unread.join(" ")}` };
      const people = await Promise.all(ids.map(async (id) => (await engine.directory.person(id))?.name ?? id));
      const asked = environments.filter((environment) => rostersOf(environment).includes(name)).map(({ id }) => id);
      const who = people.length === 0 ? "nobody is on duty now" : `${people.join(", ")} on duty now`;
      return { ok: true, says: `roster ${name}: answers, ${who}; asked for ${asked.length === 0 ? "nothing" : asked.join(", ")}` };
    }),
  );
}
