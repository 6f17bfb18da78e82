import { fetchedAsNow, type CompanionRevision } from "./companion.ts";
import type { Environment, Host, SshTargetConfig, StepName, Watch } from "./config.ts";
import type { SchemaUndo } from "./django/commands.ts";
import type { ShownMigration } from "./django/migration.ts";
import type { Sha } from "./ids.ts";
import { recipeOf, type RecipeInput, type RecipeItem } from "./recipe.ts";
import { inARow, rollOut, type PlannedRoll } from "./rolling.ts";

/** The ordered steps of one deployment: computed once, stored whole, hashed; execution reads nothing else. */
export type Plan = {
  readonly app: string;
  readonly environment: string;
  readonly kind: "deploy" | "rollback";
  /** Live revision it starts from; null on the first deployment. */
  readonly from: Sha | null;
  /** What each of its hosts was known to run when it was planned: a hotfix on any of them makes another plan. */
  readonly running: Readonly<Record<string, Sha>>;
  readonly revision: Sha;
  /** What it comes with, exactly; absent: no companions. */
  readonly companions?: readonly CompanionRevision[];
  readonly target: SshTargetConfig["type"];
  readonly hosts: readonly Host[];
  readonly steps: readonly PlanStep[];
  /** Brings the earlier code back where it lay, should people have to be asked again before anything is migrated. */
  readonly putBack: readonly PlanStep[];
  /** The migrations that are approved with it; null: nobody could read them before. */
  readonly migrations: readonly ShownMigration[] | null;
  /** How the last of the phases change the hosts over, batch by batch. */
  readonly roll: PlannedRoll;
  readonly onFailure: Environment["onFailure"];
  /** CI carries it out once its gate lets it pass, by the provider's environment of that name; absent: the steps do. */
  readonly gate?: string;
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
  pull: 900,
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
/** What makes a host run another version: batch by batch, all the rest on all hosts at once. */
const ROLLED: ReadonlySet<StepName> = new Set(["switch", "restart", "verify"]);
/** There is one database: one host speaks for all. */
const FIRST_HOST: ReadonlySet<StepName> = new Set(["preview", "backup", "migrate"]);

/** What the plan is made of besides the configuration. */
export type PlanInput = {
  readonly kind: Plan["kind"];
  readonly from: Sha | null;
  readonly running?: Plan["running"];
  readonly revision: Sha;
  readonly companions?: readonly CompanionRevision[];
  /** What is live with `from`; absent: nobody knows, or no companions. */
  readonly fromCompanions?: readonly CompanionRevision[];
  readonly migrations?: Plan["migrations"];
  /** The image that it has to be, `sha256:...`; absent: each server resolves the tag, or has a record. */
  readonly digest?: string;
  /** Of a rollback that takes the schema back too. */
  readonly undo?: SchemaUndo;
};

/** Pure: the same configuration, live revision and revision give the same plan and so the same hash. */
export function planOf(environment: Environment, given: PlanInput): Plan {
  const { target } = environment;
  const input = withPlacesOfNow(environment, given);
  return {
    app: environment.app,
    environment: environment.name,
    kind: input.kind,
    from: input.from,
    running: input.running ?? {},
    revision: input.revision,
    ...(input.companions === undefined || input.companions.length === 0 ? {} : { companions: input.companions }),
    target: target.type,
    hosts: target.hosts,
    ...stepsOf(environment, target, input),
    putBack: putBackOf(environment, target, input),
    migrations: input.migrations ?? null,
    onFailure: environment.onFailure,
    ...(environment.release.mode === "approval" && environment.release.gate !== undefined ? { gate: environment.release.gate.name } : {}),
    watch: input.kind === "rollback" ? null : environment.watch,
  };
}

function withPlacesOfNow({ companions: now }: Environment, { companions, fromCompanions, ...rest }: PlanInput): PlanInput {
  return {
    ...rest,
    ...(companions === undefined ? {} : { companions: fetchedAsNow(now, companions) }),
    ...(fromCompanions === undefined ? {} : { fromCompanions: fetchedAsNow(now, fromCompanions) }),
  };
}

/** What a checkout was before it migrates. The static files too: earlier code that restarts must find its own manifest. */
const PUT_BACK: ReadonlySet<StepName> = new Set(["pull", "install", "collectstatic"]);

/** Only one checkout has to be put back; a release or an image lies beside what is live. */
function putBackOf(environment: Environment, target: SshTargetConfig, input: PlanInput): readonly PlanStep[] {
  const { from } = input;
  if (from === null || input.kind === "rollback" || target.type !== "ssh" || target.layout.kind === "releases") return [];
  const items = recipeOf(environment, { kind: "deploy", revision: from, companions: input.fromCompanions ?? [] }).filter(({ name }) =>
    PUT_BACK.has(name),
  );
  return items.flatMap((item, phase) =>
    target.hosts.map((host) => stepOf(target, { ...item, id: `back-${item.id}`, repeatable: true }, host, phase)),
  );
}

function stepsOf(environment: Environment, target: SshTargetConfig, input: PlanInput): Pick<Plan, "steps" | "roll"> {
  const items = recipeOf(environment, recipeInput(input));
  const onFirst = target.type === "fabric";
  const everywhere = items.filter(({ name }) => !ROLLED.has(name));
  const steps = everywhere.flatMap((item, phase) =>
    (onFirst || FIRST_HOST.has(item.name) ? target.hosts.slice(0, 1) : target.hosts).map((host) => stepOf(target, item, host, phase)),
  );
  const { placed, planned } = rollOut(onFirst ? target.hosts.slice(1) : target.hosts, {
    roll: target.roll,
    firstPhase: everywhere.length,
    items: items.filter(({ name }) => ROLLED.has(name)),
    kind: input.kind,
  });
  return { steps: [...steps, ...placed.map(({ item, host, phase }) => stepOf(target, item, host, phase))], roll: planned };
}

function recipeInput({ kind, from, revision, undo, digest, companions, fromCompanions }: PlanInput): RecipeInput {
  return {
    kind,
    revision,
    companions: companions ?? [],
    ...(digest === undefined ? {} : { digest }),
    ...(undo === undefined || from === null ? {} : { undo: { from, companions: fromCompanions ?? [], schema: undo } }),
  };
}

function stepOf(target: SshTargetConfig, item: RecipeItem, host: Host, phase: number): PlanStep {
  const { id, name, cwd, repeatable } = item;
  // Only the probe itself is wanted in a row, not what stands around it.
  const probes = id === "verify";
  const waits = probes ? (target.roll.verifyTimes - 1) * target.roll.verifyEverySeconds : 0;
  const timeoutSeconds = (target.timeoutsSeconds[name] ?? TIMEOUT_SECONDS[name]) + waits;
  const argv = item.argvOn(host);
  return {
    id,
    name,
    host: host.name,
    phase,
    argv: probes ? inARow(argv, target.roll, timeoutSeconds) : argv,
    cwd,
    environment: target.environment,
    timeoutSeconds,
    silentSeconds: SILENT_SECONDS,
    repeatable,
  };
}
