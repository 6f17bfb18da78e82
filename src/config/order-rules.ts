import type { Finding } from "./fault.ts";
import { has, valueAt } from "./findings.ts";
import { choiceInstead } from "./nearest.ts";
import type { AppPart, EnvironmentPart } from "./parts.ts";

/** `after`: the environment it names exists, gives the verdict that is asked for, and does not wait for this one in turn. */
export function orderRules(app: AppPart): readonly Finding[] {
  const waits = new Map(app.environments.map((environment) => [environment.name, afterOf(environment)]));
  const told = new Set<string>();
  return app.environments.flatMap((environment): readonly Finding[] => {
    const after = afterOf(environment);
    if (after === null) return [];
    const path = [...environment.path, "after", "environment"];
    if (!waits.has(after)) {
      const others = [...waits.keys()].filter((name) => name !== environment.name);
      const write = others.length === 0 ? `an environment of ${app.name} that exists` : choiceInstead(after, others);
      return [{ path, at: "value", says: `${JSON.stringify(after)}, which is no environment of ${app.name}`, write }];
    }
    const circle = circleFrom(environment.name, waits);
    if (circle !== null && !told.has(environment.name)) {
      for (const name of circle) told.add(name);
      const says = `a circle in which each waits for the next: ${[...circle, environment.name].join(" -> ")}`;
      return [{ path, at: "value", says, write: "an order with a beginning: one of them without `after`" }];
    }
    return verdictRule(environment, app);
  });
}

function afterOf(environment: EnvironmentPart): string | null {
  const name = valueAt(environment.raw, ["after", "environment"]);
  return typeof name === "string" ? name : null;
}

/** The names from one environment back to itself; null if its chain ends or runs into a circle without it. */
function circleFrom(start: string, waits: ReadonlyMap<string, string | null>): readonly string[] | null {
  const circle: string[] = [];
  let name: string | null = start;
  while (name !== null && !circle.includes(name)) {
    circle.push(name);
    name = waits.get(name) ?? null;
  }
  return name === start ? circle : null;
}

/** An environment without `watch` ends unverified: to wait there for `succeeded` is to wait for ever. */
function verdictRule(environment: EnvironmentPart, app: AppPart): readonly Finding[] {
  const after = environment.draft.after;
  const before = app.environments.find(({ name }) => name === after?.environment);
  if (after?.verdict !== "succeeded" || before === undefined || has(before.raw, "watch")) return [];
  return [
    {
      path: [...environment.path, "after", "verdict"],
      at: "value",
      says: `\`succeeded\`, but ${before.name} has no \`watch\` and so never ends verified`,
      write: `\`watch:\` in ${before.name}, or \`verdict: succeeded_or_unverified\``,
    },
  ];
}
