import type { Environment, Host, SshTargetConfig, StepName, Watch } from "./config.ts";
import { STEP_NAMES } from "./config.ts";
import type { Sha } from "./ids.ts";
import { djangoCommands } from "./recipe.ts";
import { inARow, rollOut, type PlannedRoll } from "./rolling.ts";

/** The ordered steps of one deployment: computed once, stored whole, hashed; execution reads nothing else. */
export type Plan = {
  readonly app: string;
  readonly environment: string;
  readonly kind: "deploy" | "rollback";
  /** Live revision it starts from; null on the first deployment. */
  readonly from: Sha | null;
  readonly revision: Sha;
  readonly target: "ssh";
  readonly hosts: readonly Host[];
  readonly steps: readonly PlanStep[];
  /** How the last of the phases change the hosts over, batch by batch. */
  readonly roll: PlannedRoll;
  readonly onFailure: Environment["onFailure"];
  readonly watch: Watch | null;
};

/** One command on one host. Steps of one `phase` run side by side; a phase starts when the one before it is done on all hosts. */
export type PlanStep = {
  /** Unique in the plan per host, and the identity on the host. */
  readonly id: string;
  readonly name: StepName;
  readonly host: string;
  readonly phase: number;
  readonly argv: readonly string[];
  /** Below the host's directory; null: that directory. */
  readonly cwd: string | null;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  /** Ended when it prints nothing for this long. */
  readonly silentSeconds: number;
  /** May be started again as a new attempt when its outcome was lost. */
  readonly repeatable: boolean;
};

/** Generous, since a step that is ended half-way is worse than a slow one. */
const TIMEOUT_SECONDS: Readonly<Record<StepName, number>> = {
  pull: 300,
  install: 900,
  check: 120,
  collectstatic: 300,
  preview: 300,
  backup: 3600,
  migrate: 3600,
  switch: 60,
  run: 3600,
  restart: 180,
  verify: 120,
};
const SILENT_SECONDS = 900;
const REPEATABLE: ReadonlySet<StepName> = new Set(["pull", "check", "collectstatic", "verify"]);
/** What makes a host run another version: batch by batch, all the rest on all hosts at once. */
const ROLLED: ReadonlySet<StepName> = new Set(["switch", "restart", "verify"]);

/** What the plan is made of besides the configuration. */
export type PlanInput = { readonly kind: Plan["kind"]; readonly from: Sha | null; readonly revision: Sha };

/** Pure: the same configuration, live revision and revision give the same plan and so the same hash. */
export function planOf(environment: Environment, input: PlanInput): Plan {
  const { target } = environment;
  return {
    app: environment.app,
    environment: environment.name,
    ...input,
    target: "ssh",
    hosts: target.hosts,
    ...stepsOf(environment, target, input),
    onFailure: environment.onFailure,
    watch: input.kind === "rollback" ? null : environment.watch,
  };
}

/** A rollback is code only: the schema stays. */
function stepsOf(environment: Environment, target: SshTargetConfig, input: PlanInput): Pick<Plan, "steps" | "roll"> {
  const commands = { ...(target.recipe === "django" ? djangoCommands(target, environment.app, input.revision) : {}), ...target.commands };
  const steps: PlanStep[] = [];
  let phase = 0;
  const add = (name: StepName, host: Host, at: number): void => {
    const words = commands[name]?.map((word) => filled(word, { environment, host, revision: input.revision }));
    if (words === undefined) return;
    const timeoutSeconds = target.timeoutsSeconds[name] ?? TIMEOUT_SECONDS[name];
    const waits = name === "verify" ? (target.roll.verifyTimes - 1) * target.roll.verifyEverySeconds : 0;
    steps.push({
      id: name,
      name,
      host: host.name,
      phase: at,
      argv: name === "verify" ? inARow(words, target.roll, timeoutSeconds + waits) : words,
      cwd: null,
      environment: target.environment,
      timeoutSeconds: timeoutSeconds + waits,
      silentSeconds: SILENT_SECONDS,
      repeatable: REPEATABLE.has(name),
    });
  };
  for (const name of STEP_NAMES) {
    if (ROLLED.has(name)) continue;
    if (name === "migrate" && input.kind === "rollback") continue;
    for (const host of name === "migrate" ? target.hosts.slice(0, 1) : target.hosts) add(name, host, phase);
    phase += 1;
  }
  const items = STEP_NAMES.filter((name) => ROLLED.has(name) && commands[name] !== undefined);
  const { placed, planned } = rollOut(target.hosts, { roll: target.roll, firstPhase: phase, items, kind: input.kind });
  for (const { item, host, phase: at } of placed) add(item, host, at);
  return { steps, roll: planned };
}

function filled(word: string, values: { environment: Environment; host: Host; revision: Sha }): string {
  return word
    .replaceAll("{revision}", values.revision)
    .replaceAll("{app}", values.environment.app)
    .replaceAll("{environment}", values.environment.name)
    .replaceAll("{host}", values.host.name);
}
