import type { Finding, Path } from "./fault.ts";
import { has } from "./findings.ts";
import type { TargetDraft } from "./target-yml.ts";

type Type = TargetDraft["type"];

/** Keys that mean something for some types of target only. */
const BELONGS: readonly (readonly [key: string, types: readonly Type[]])[] = [
  ["recipe", ["ssh"]],
  ["layout", ["ssh"]],
  ["keep", ["ssh"]],
  ["shared", ["ssh"]],
  ["manage", ["ssh"]],
  ["install", ["ssh"]],
  ["lock_timeout", ["ssh"]],
  ["origin", ["ssh", "fabric"]],
  ["services", ["ssh", "docker"]],
  ["image", ["docker"]],
  ["compose", ["docker"]],
  ["variable", ["docker"]],
  ["wait", ["docker"]],
  ["task", ["fabric"]],
  ["rollback_task", ["fabric"]],
];

const NEEDS: Readonly<Record<Type, readonly (readonly [key: keyof TargetDraft, write: string])[]>> = {
  ssh: [["recipe", "`recipe: django` or `recipe: script`"]],
  docker: [
    ["image", "`image: ghcr.io/acme/shop:{revision}`, the tag under which CI pushes the image of a revision"],
    ["services", "`services: [web]`, the services of the compose file that run the image"],
  ],
  fabric: [["task", '`task: [fab, -H, "{hosts}", deploy, "--ref={revision}"]`, the call of the fabfile']],
};

/** A key of another type would silently not be obeyed; one that is missing leaves nothing to do. */
export function typeRules(target: TargetDraft, raw: unknown, path: Path): readonly Finding[] {
  const { type } = target;
  const foreign = BELONGS.filter(([key, types]) => has(raw, key) && !types.includes(type)).map(([key, types]): Finding => ({
    path: [...path, key],
    at: "key",
    says: `\`${key}\` in a target of \`type: ${type}\``,
    write: `\`type: ${types.join("` or `type: ")}\`, or no \`${key}\``,
  }));
  const missing = NEEDS[type]
    .filter(([key]) => target[key] === undefined)
    .map(([key, write]): Finding => ({ path, at: "key", says: `no \`${key}\` in a target of \`type: ${type}\``, write }));
  return [...foreign, ...missing, ...fabricRules(target, path)];
}

function fabricRules({ type, hosts }: TargetDraft, path: Path): readonly Finding[] {
  if (type !== "fabric" || hosts.length > 1) return [];
  const write = "the host where `fab` runs first, then each host that it deploys to, which are asked afterwards what they have";
  return [{ path: [...path, "hosts"], at: "value", says: "one host for `type: fabric`", write }];
}
