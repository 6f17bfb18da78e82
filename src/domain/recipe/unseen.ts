import type { Plan, PlanStep } from "../plan.ts";

/**
 * Steps that may change a database without telling anybody: a fabfile, and the commands of a script that has no `migrate` of its own.
 * What they do is unknown, never nothing. Which revision a host has is asked after these two recipes alone.
 */
export function unseenSteps(plan: Plan): readonly PlanStep[] {
  const run = plan.steps.filter((step) => step.name === "run");
  const script = plan.steps.some((step) => step.id === "revision") && !plan.steps.some((step) => step.name === "migrate");
  return run.length > 0 || !script ? run : plan.steps.filter((step) => step.name !== "verify" && step.name !== "switch" && !isOurs(step));
}

/** Our own scripts are named after their step, and systemd restarts what is there. */
function isOurs({ name, argv }: PlanStep): boolean {
  return argv.includes("systemctl") || argv.some((word, at) => word === "sh" && argv[at + 1] === "-c" && argv[at + 3] === name);
}
