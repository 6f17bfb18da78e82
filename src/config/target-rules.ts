import { STEP_NAMES, type StepName } from "../domain/config.ts";
import type { Finding, Path } from "./fault.ts";
import { has, isMap } from "./findings.ts";
import { nearest } from "./nearest.ts";
import type { EnvironmentPart } from "./parts.ts";
import { secretRules } from "./secret-rules.ts";
import type { TargetDraft } from "./target-yml.ts";
import { typeRules } from "./type-rules.ts";

type Part = { readonly target: TargetDraft; readonly raw: unknown; readonly path: Path };

/** Rules of one target that need more than one of its keys. */
export function targetRules({ draft, raw, path }: EnvironmentPart): readonly Finding[] {
  const { target } = draft;
  if (target === undefined) return [];
  const part: Part = { target, raw: raw["target"], path: [...path, "target"] };
  return [
    ...typeRules(target, part.raw, part.path),
    ...recipeRules(part),
    ...twice(part),
    ...layoutRules(part),
    ...addedRules(part),
    ...wordRules(part),
    ...secretRules(part.raw, part.path),
  ];
}

function recipeRules({ target, path }: Part): readonly Finding[] {
  if (target.recipe !== "script" || Object.keys(target.commands ?? {}).length > 0 || target.services !== undefined) return [];
  const write = '`commands: { restart: [./deploy.sh, "{revision}"] }`: besides pull this recipe has no commands of its own';
  return [{ path, at: "key", says: "`recipe: script` without `commands`", write }];
}

/** Two keys that say the same thing: one of them would silently not be obeyed. */
function twice({ target, path }: Part): readonly Finding[] {
  const { commands } = target;
  const findings: Finding[] = [];
  if (target.install !== undefined && commands?.install !== undefined) {
    findings.push({ path: [...path, "install"], at: "key", says: "both `install` and `commands.install`", write: "one of them" });
  }
  if (target.services !== undefined && commands?.restart !== undefined) {
    const write = "`services` if systemd restarts them, `commands.restart` if a command of your own does";
    findings.push({ path: [...path, "services"], at: "key", says: "both `services` and `commands.restart`", write });
  }
  return findings;
}

function layoutRules({ target, raw, path }: Part): readonly Finding[] {
  if (target.layout === "in_place") {
    return ["keep", "shared"]
      .filter((key) => has(raw, key))
      .map((key) => ({
        path: [...path, key],
        at: "key" as const,
        says: `\`${key}\` without \`layout: releases\``,
        write: "`layout: releases` too",
      }));
  }
  const findings: Finding[] = [];
  if (target.commands?.pull !== undefined) {
    const says = "a `pull` of its own with `layout: releases`, whose releases are made from git";
    findings.push({ path: [...path, "commands", "pull"], at: "key", says, write: "`layout: in_place`, or no `pull`" });
  }
  const paths = target.shared.map((shared) => shared.path);
  for (const [index, one] of paths.entries()) {
    const outer = paths.find((other, at) => at !== index && (one.startsWith(`${other}/`) || (one === other && at < index)));
    if (outer === undefined) continue;
    const says = `\`${one}\`, which \`${outer}\` ${one === outer ? "names already" : "contains already"}`;
    findings.push({ path: [...path, "shared", index], at: "value", says, write: "each path once" });
  }
  return findings;
}

/** A command before a step that is never run would never be run either. */
function addedRules({ target, path }: Part): readonly Finding[] {
  const steps = stepsOf(target);
  return (["before", "after", "users"] as const).flatMap((key) =>
    STEP_NAMES.filter((name) => target[key]?.[name] !== undefined && !steps.includes(name)).map((name) => ({
      path: [...path, key, name],
      at: "key" as const,
      says: `\`${name}\`, a step that is not there: ${whyNot(name)}`,
      write: `one of ${steps.join(", ")}`,
    })),
  );
}

const OF_TYPE: Readonly<Record<TargetDraft["type"], readonly StepName[]>> = {
  ssh: [],
  docker: ["pull", "check", "restart", "verify"],
  fabric: ["pull", "check", "run", "verify"],
};

function stepsOf(target: TargetDraft): readonly StepName[] {
  const django = target.recipe === "django";
  const ours = OF_TYPE[target.type];
  return STEP_NAMES.filter((name) => {
    if (ours.includes(name)) return true;
    if (name === "pull" || target.commands?.[name] !== undefined) return true;
    if (name === "install" || name === "backup") return target[name] !== undefined;
    if (name === "switch") return target.layout === "releases";
    if (name === "restart") return django || target.services !== undefined;
    if (name === "verify") return target.recipe === "script";
    return django && name !== "run";
  });
}

function whyNot(name: StepName): string {
  if (name === "install" || name === "backup") return `there is no \`${name}:\``;
  if (name === "switch") return "it belongs to `layout: releases`";
  return "neither the recipe nor `commands` has a command for it";
}

const PLACEHOLDERS = ["{revision}", "{app}", "{environment}", "{host}"];

function wordRules({ target, raw, path }: Part): readonly Finding[] {
  const added = (["before", "after"] as const).flatMap((key) =>
    Object.entries(target[key] ?? {}).flatMap(([step, list]) => list.map((argv, index) => ({ at: [key, step, index], argv }))),
  );
  const places: readonly { readonly at: Path; readonly argv: readonly string[] }[] = [
    ...Object.entries(target.commands ?? {}).map(([step, argv]) => ({ at: ["commands", step], argv })),
    ...added,
    ...(["backup", "install"] as const).flatMap((key) => {
      const argv = isMap(raw) && Array.isArray(target[key]) ? target[key] : [];
      return [{ at: [key], argv }];
    }),
  ];
  return places.flatMap(({ at, argv }) =>
    argv.flatMap((word, index): readonly Finding[] => {
      // `awk '{print}'` is a command's own affair; a slip of one of our four words is not.
      const slip = [...word.matchAll(/\{[A-Za-z_]+\}/g)]
        .map(([found]) => found)
        .find((found) => !PLACEHOLDERS.includes(found) && nearest(found, PLACEHOLDERS) !== null);
      if (slip === undefined) return [];
      const write = `\`${nearest(slip, PLACEHOLDERS) ?? "{revision}"}\``;
      return [{ path: [...path, ...at, index], at: "value", says: `\`${slip}\`, which is not filled in`, write }];
    }),
  );
}
