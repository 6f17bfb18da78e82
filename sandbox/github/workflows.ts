/** A job of GitHub Actions; Greenlight calls it a stage. */
export type JobName = "build" | "unit" | "integration" | "acceptance";

export type WorkflowDefinition = {
  readonly id: number;
  readonly name: string;
  readonly path: string;
  readonly event: "push" | "deployment_status";
  /** Groups run one after the other, the jobs of a group side by side. */
  readonly groups: readonly (readonly JobName[])[];
};

export const workflows = {
  ci: { id: 510001, name: "CI", path: ".github/workflows/ci.yml", event: "push", groups: [["build"], ["unit", "integration"]] },
  acceptance: {
    id: 510002,
    name: "Acceptance",
    path: ".github/workflows/acceptance.yml",
    event: "deployment_status",
    groups: [["acceptance"]],
  },
} as const satisfies Record<string, WorkflowDefinition>;

/** Names of a job's steps, as a run page lists them. */
export const stepsOf: Readonly<Record<JobName, readonly string[]>> = {
  build: ["Set up job", "Check out", "Install", "Build"],
  unit: ["Set up job", "Check out", "Unit tests"],
  integration: ["Set up job", "Check out", "Start the shop", "Integration tests"],
  acceptance: ["Set up job", "Open staging", "Acceptance tests"],
};

export type Status = "queued" | "in_progress" | "completed";

export type Job = {
  readonly id: number;
  readonly attempt: number;
  readonly name: JobName;
  status: Status;
  conclusion: "success" | "failure" | null;
  readonly createdAt: Date;
  startedAt: Date;
  completedAt: Date | null;
};

export type Run = {
  readonly id: number;
  readonly checkSuiteId: number;
  readonly number: number;
  attempt: number;
  readonly workflow: WorkflowDefinition;
  readonly headSha: string;
  readonly title: string;
  readonly actor: { readonly login: string; readonly id: number };
  status: Status;
  conclusion: "success" | "failure" | null;
  readonly createdAt: Date;
  updatedAt: Date;
  /** Of this attempt. */
  readonly jobs: Job[];
  /** Of the attempts before. */
  readonly earlier: Job[];
  /** What passed before, and does not run again in this attempt. */
  readonly kept: Set<JobName>;
};

export type StageSeconds = Readonly<Partial<Record<JobName, number>>>;

const DEFAULT_SECONDS: Readonly<Record<JobName, number>> = { build: 3, unit: 3, integration: 4, acceptance: 4 };

export type Actions = ReturnType<typeof createActions>;

export type ActionsChange =
  | { readonly kind: "run"; readonly action: "requested" | "in_progress" | "completed"; readonly run: Run }
  | { readonly kind: "job"; readonly run: Run; readonly job: Job };

/** The CI of the sandbox: runs go through their jobs in real time and every change is told to `changed`. */
export function createActions(options: {
  readonly stageSeconds: StageSeconds;
  readonly newId: () => number;
  readonly changed: (change: ActionsChange) => void;
}) {
  const runs: Run[] = [];
  const stop = new AbortController();
  const underway = new Set<Promise<void>>();

  function newRun(order: RunOrder, at: Date): Run {
    const number = runs.filter((run) => run.workflow.id === order.workflow.id).length + 1;
    const ids = { id: options.newId(), checkSuiteId: options.newId() };
    const times = { createdAt: at, updatedAt: at };
    const run: Run = {
      ...ids,
      ...order,
      number,
      attempt: 1,
      status: "queued",
      conclusion: null,
      ...times,
      jobs: [],
      earlier: [],
      kept: new Set(),
    };
    runs.push(run);
    return run;
  }

  function addJob(run: Run, name: JobName, at: Date): Job {
    const job: Job = {
      id: options.newId(),
      attempt: run.attempt,
      name,
      status: "queued",
      conclusion: null,
      createdAt: at,
      startedAt: at,
      completedAt: null,
    };
    run.jobs.push(job);
    return job;
  }

  /** Starts a run and returns it at once; `failing` is the job that will end in failure. */
  function start(order: RunOrder, failing: JobName | null = null): Run {
    const run = newRun(order, new Date());
    begin(run, failing);
    return run;
  }

  function begin(run: Run, failing: JobName | null): void {
    options.changed({ kind: "run", action: "requested", run });
    const work = play(run, failing).catch((fault: unknown) => {
      if (!stop.signal.aborted) throw fault;
    });
    underway.add(work);
    void work.finally(() => underway.delete(work));
  }

  async function play(run: Run, failing: JobName | null): Promise<void> {
    for (const group of run.workflow.groups) {
      const due = group.filter((name) => !run.kept.has(name));
      await Promise.all(due.map((name) => playJob(run, addJob(run, name, new Date()), failing)));
      if (run.jobs.some((job) => job.conclusion === "failure")) break;
    }
    run.conclusion = run.jobs.some((job) => job.conclusion === "failure") ? "failure" : "success";
    setRun(run, "completed");
  }

  async function playJob(run: Run, job: Job, failing: JobName | null): Promise<void> {
    const seconds = options.stageSeconds[job.name] ?? DEFAULT_SECONDS[job.name];
    options.changed({ kind: "job", run, job });
    await pause(seconds * 150, stop.signal);
    if (run.status === "queued") setRun(run, "in_progress");
    job.status = "in_progress";
    job.startedAt = new Date();
    options.changed({ kind: "job", run, job });
    await pause(seconds * 850, stop.signal);
    job.status = "completed";
    job.conclusion = job.name === failing ? "failure" : "success";
    job.completedAt = new Date();
    options.changed({ kind: "job", run, job });
  }

  /** Runs an ended run again: the same id, the next attempt, new jobs; of those that failed alone, and what depends on them. */
  function rerun(run: Run, onlyFailed: boolean): void {
    run.kept.clear();
    for (const job of run.jobs) if (onlyFailed && job.conclusion === "success") run.kept.add(job.name);
    run.earlier.push(...run.jobs);
    Object.assign(run, { attempt: run.attempt + 1, status: "queued", conclusion: null, updatedAt: new Date() });
    run.jobs.length = 0;
    begin(run, null);
  }

  function setRun(run: Run, status: "in_progress" | "completed"): void {
    run.status = status;
    run.updatedAt = new Date();
    options.changed({ kind: "run", action: status, run });
  }

  /** A run that was green long ago: history, no webhook. */
  function remember(order: RunOrder, at: Date): Run {
    const run = newRun(order, at);
    for (const name of order.workflow.groups.flat()) {
      const job = addJob(run, name, at);
      Object.assign(job, {
        status: "completed",
        conclusion: "success",
        completedAt: new Date(at.getTime() + DEFAULT_SECONDS[name] * 1000),
      });
    }
    Object.assign(run, { status: "completed", conclusion: "success", updatedAt: new Date(at.getTime() + 60_000) });
    return run;
  }

  async function close(): Promise<void> {
    stop.abort();
    await Promise.allSettled(underway);
  }
  return { start, rerun, remember, runs: () => runs, close };
}

export type RunOrder = Pick<Run, "workflow" | "headSha" | "title" | "actor">;

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((over, stopped) => {
    const end = () => stopped(new Error("the sandbox is closing"));
    if (signal.aborted) return end();
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", end);
      over();
    }, ms);
    signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
    signal.addEventListener("abort", end, { once: true });
  });
}
