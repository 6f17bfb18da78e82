import type { Config } from "../domain/config.ts";
import type { Pager } from "../domain/page.ts";
import type { Line } from "./host-lines.ts";

/**
 * Whether each pager is there. Nobody is called to find out: whether it takes our key is seen at the first call. `failed`: why the last
 * call of each was refused for good, by connection.
 */
export async function pagerLines(
  pager: Pick<Pager, "reach">,
  { connections, apps }: Pick<Config, "connections" | "apps">,
  failed: ReadonlyMap<string, string>,
): Promise<readonly Line[]> {
  const pagers = connections.filter(({ kind }) => kind === "pager");
  const environments = apps.flatMap((app) => app.environments);
  return Promise.all(
    pagers.map(async ({ name }) => {
      const because = (await pager.reach(name)) ?? failed.get(name) ?? null;
      if (because !== null) return { ok: false, says: `pager ${name}: ${because}` };
      const called = environments.filter(({ escalate }) => escalate?.to === name).map(({ id }) => id);
      return { ok: true, says: `pager ${name}: answers; called for ${called.length === 0 ? "nothing" : called.join(", ")}` };
    }),
  );
}
