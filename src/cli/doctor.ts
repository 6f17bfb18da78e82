import { verifyHistory } from "../db/history.ts";
import { lastFailures } from "../db/incidents.ts";
import { heldBecause } from "../db/snapshot.ts";
import type { Opened } from "../main.ts";
import { EXIT } from "./exit.ts";
import { hostLines, type Line } from "./host-lines.ts";
import { pagerLines } from "./pager-lines.ts";
import { rosterLines } from "./roster-lines.ts";
import { exitCodeOf } from "./session.ts";

/** One line each: ok, or what to do. Runs nothing on hosts and changes nothing. */
export function doctor(): Promise<number> {
  return exitCodeOf(examine);
}

async function examine(opened: Opened): Promise<number> {
  const lines = [
    ...(await historyLines(opened)),
    ...(await holdLines(opened)),
    ...(await hostLines(opened.engine.target, opened.engine.config)),
    ...(await slackLines(opened)),
    ...(await pagerLines(opened.engine.pager, opened.engine.config, await lastFailures(opened.engine.db))),
    ...(await rosterLines(opened.engine)),
  ];
  for (const { ok, says, below } of lines)
    process.stdout.write(`${ok ? "ok   " : "WRONG"}  ${says}\n${below === undefined ? "" : `       ${below}\n`}`);
  return lines.every((line) => line.ok) ? EXIT.ok : EXIT.no;
}

async function historyLines({ engine, restored }: Opened): Promise<readonly Line[]> {
  const { entries, heads, faults } = await verifyHistory(engine.db, engine.historyKey);
  const chain =
    faults.length === 0
      ? [
          {
            ok: true,
            says: `history: ${entries} ${entries === 1 ? "entry" : "entries"} in ${heads.size} ${heads.size === 1 ? "chain" : "chains"}, every one in its place`,
          },
        ]
      : faults.map((fault) => ({ ok: false, says: `history of ${fault.environmentId}, entry ${fault.sequence}: ${fault.says}` }));
  const tips = [...heads].map(([environment, head]) => ({
    ok: true,
    says: `history of ${environment} ends with ${head.slice(0, 12)}; compare it with the last one printed in the thread`,
  }));
  return [...chain, ...tips, ...(restored === null ? [] : [{ ok: false, says: restored }])];
}

/** After a restored backup nothing starts in an environment until a person has looked. */
async function holdLines({ engine }: Opened): Promise<readonly Line[]> {
  const places = engine.config.apps.flatMap((app) => app.environments.map((environment) => ({ app, environment })));
  const held = await Promise.all(
    places.map(async ({ app, environment }) => {
      const because = await heldBecause(engine.db, environment.id);
      const way = `greenlight unlock ${app.name} ${environment.name} --reason TEXT`;
      return because === null ? [] : [{ ok: false, says: `${environment.id} is held: ${because} When you have looked: ${way}` }];
    }),
  );
  return held.flat();
}

async function slackLines({ engine, slack }: Opened): Promise<readonly Line[]> {
  const problems = await slack.check([...new Set(engine.config.apps.map((app) => app.channel))]);
  const people = await Promise.all(
    engine.config.apps.flatMap((app) =>
      app.environments
        .flatMap((environment) =>
          environment.release.mode === "approval" ? [{ environment, from: environment.release.approval.from }] : [],
        )
        .map(async ({ environment, from }) => {
          const { ids, unreadable } = await engine.directory.resolve(from);
          if (unreadable.length > 0) return { ok: false, says: `${environment.id}: ${unreadable.join("; ")}` };
          return {
            ok: ids.length > 0,
            says:
              ids.length === 0
                ? `${environment.id}: nobody may approve`
                : `${environment.id}: ${ids.length} ${ids.length === 1 ? "person" : "people"} may approve`,
          };
        }),
    ),
  );
  return [
    ...(problems.length === 0
      ? [{ ok: true, says: "Slack: token, scopes and channels are as they should be" }]
      : problems.map((says) => ({ ok: false, says }))),
    ...people,
  ];
}
