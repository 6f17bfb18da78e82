import type { SshTargetConfig } from "../config.ts";

/**
 * Does none of the commands that bring the code say which revision? Then they bring whatever a branch is at, while the approval is
 * for one revision. Recipe `django` looks at what was pulled before anything of it runs; the others only ask afterwards.
 */
export function namesNoRevision({ recipe, commands, before, after, fabric }: SshTargetConfig): boolean {
  const brings = (recipe === "script" && commands.pull !== undefined) || recipe === "fabric";
  const own = [
    ...(fabric === undefined ? [] : [fabric.argv]),
    ...Object.values(commands),
    ...Object.values(before).flat(),
    ...Object.values(after).flat(),
  ];
  return brings && !own.some((argv) => argv.some((word) => word.includes("{revision}")));
}
