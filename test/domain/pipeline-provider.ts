import type { JobEvent, Run, RunEvent, StageStatus, WorkflowEvent } from "../../src/domain/pipeline.ts";
import { jobsOf } from "../../src/domain/pipeline/stages.ts";
import { pick, type Roll } from "../support/dice.ts";
import { sha } from "./model.ts";

/** A CI as providers are: it plays runs through their states, tells of each change, and knows in the end how they stand. */
export type Played = { readonly deliveries: readonly RunEvent[]; readonly shown: unknown };

const REVISION = sha(1);
const START = Date.UTC(2026, 10, 23, 9);
const NAMES = ["build", "unit (3.12)", "unit (3.13)"];

type ModelJob = { id: number; name: string; status: StageStatus; startedAt: Date | null; finishedAt: Date | null };
type ModelRun = { id: number; attempt: number; own: boolean; status: StageStatus; startedAt: Date; jobs: ModelJob[]; kept: ModelJob[] };

export type Manner = "github" | "gitlab";

export function play(roll: Roll, manner: Manner): Played {
  const deliveries: RunEvent[] = [];
  const reopens = manner === "gitlab";
  let seconds = 0;
  let ids = 100 + roll(900);
  const now = () => new Date(START + seconds * 1000);
  const newId = () => (ids += 1 + roll(3));

  function tellRun(run: ModelRun): void {
    const event: WorkflowEvent = {
      kind: "workflow",
      provider: manner,
      repository: "acme/shop",
      workflowRun: String(run.id),
      attempt: run.attempt,
      name: "CI",
      path: ".github/workflows/ci.yml",
      trigger: run.own ? "push" : "pull_request",
      branch: "main",
      tag: false,
      ownRepository: run.own,
      revision: REVISION,
      status: run.status,
      reopens,
      parent: null,
      url: "https://ci.test/run",
      startedAt: run.startedAt,
      updatedAt: now(),
    };
    deliveries.push(event);
  }

  function tellJob(run: ModelRun, job: ModelJob): void {
    const { id, name, status, startedAt, finishedAt } = job;
    const event: JobEvent = {
      kind: "job",
      repository: "acme/shop",
      workflowRun: String(run.id),
      attempt: run.attempt,
      job: String(id),
      name,
      stage: reopens ? "test" : null,
      workflowName: "CI",
      branch: "main",
      revision: REVISION,
      status,
      allowFailure: false,
      reopens,
      url: null,
      startedAt,
      finishedAt,
      updatedAt: now(),
    };
    deliveries.push(event);
  }

  function setRun(run: ModelRun, status: StageStatus): void {
    run.status = status;
    tellRun(run);
  }

  function setJob(run: ModelRun, job: ModelJob, status: StageStatus): void {
    const isOver = !["queued", "waiting", "running"].includes(status);
    if (status === "running" || (isOver && job.startedAt === null)) job.startedAt = now();
    if (isOver) job.finishedAt = now();
    job.status = status;
    tellJob(run, job);
  }

  /** The jobs run side by side; the run begins with the first of them, and is over after the last. */
  function playJobs(run: ModelRun, jobs: readonly ModelJob[]): void {
    if (roll(3) === 0) setRun(run, "waiting");
    const scripts = jobs.map((job) => ({ job, left: scriptOf(roll) }));
    const cancelAt = roll(4) === 0 ? roll(8) : Infinity;
    for (let step = 0; scripts.some(({ left }) => left.length > 0); step += 1) {
      // Several changes fall into the same second.
      seconds += roll(2);
      const one = pick(
        scripts.filter(({ left }) => left.length > 0),
        roll,
      );
      const next = step >= cancelAt ? "cancelled" : (one.left.shift() ?? "passed");
      if (step >= cancelAt) one.left.length = 0;
      setJob(run, one.job, next);
      if (next === "running" && run.status !== "running") setRun(run, "running");
    }
    seconds += 1;
    const all = [...run.jobs, ...run.kept];
    setRun(run, worst(all));
    seconds += 1;
  }

  function newJob(run: ModelRun, name: string): ModelJob {
    const job: ModelJob = { id: newId(), name, status: "queued", startedAt: null, finishedAt: null };
    run.jobs.push(job);
    tellJob(run, job);
    return job;
  }

  /** GitHub: a new attempt of all jobs, or of the failed ones alone. GitLab: the failed jobs again, in the same pipeline. */
  function again(run: ModelRun): void {
    const failed = run.jobs.filter((job) => job.status === "failed" || job.status === "cancelled").map((job) => job.name);
    if (manner === "gitlab") {
      run.jobs = run.jobs.filter((job) => !failed.includes(job.name));
      if (failed.length === 0) return;
      setRun(run, "running");
      return playJobs(
        run,
        failed.map((name) => newJob(run, name)),
      );
    }
    const isPartial = failed.length > 0 && roll(2) === 0;
    run.kept = isPartial ? run.jobs.filter((job) => !failed.includes(job.name)) : [];
    Object.assign(run, { attempt: run.attempt + 1, status: "queued", startedAt: now(), jobs: [] });
    tellRun(run);
    playJobs(
      run,
      (isPartial ? failed : NAMES).map((name) => newJob(run, name)),
    );
  }

  const runs = [0, 1].map(() => {
    const run: ModelRun = { id: newId(), attempt: 1, own: roll(4) > 0, status: "queued", startedAt: now(), jobs: [], kept: [] };
    tellRun(run);
    playJobs(
      run,
      NAMES.map((name) => newJob(run, name)),
    );
    if (roll(3) > 0) again(run);
    return run;
  });
  return { deliveries, shown: runs.map(shownOfModel).toSorted(byId) };
}

function scriptOf(roll: Roll): StageStatus[] {
  if (roll(8) === 0) return ["skipped"];
  return [...(roll(3) === 0 ? (["waiting"] as const) : []), "running", roll(3) === 0 ? "failed" : "passed"];
}

function worst(jobs: readonly ModelJob[]): StageStatus {
  return (["cancelled", "failed"] as const).find((status) => jobs.some((job) => job.status === status)) ?? "passed";
}

function shownOfModel(run: ModelRun): Shown {
  const jobs = [...(run.status === "passed" ? run.kept : []), ...run.jobs];
  return shown({ ...run, workflowRun: String(run.id), ownRepository: run.own, jobs: jobs.map((job) => ({ ...job, job: String(job.id) })) });
}

/** A run as folded from deliveries, in the provider's terms. */
export function shownOfRun(run: Run): unknown {
  return run.workflows.map((workflow) => shown({ ...workflow, jobs: jobsOf(workflow) })).toSorted(byId);
}

type Shown = { readonly id: string; readonly attempt: number; readonly own: boolean | null; readonly rest: unknown };
type Showable = {
  readonly workflowRun: string;
  readonly attempt: number;
  readonly ownRepository: boolean | null;
  readonly status: StageStatus;
  readonly startedAt: Date | null;
  readonly jobs: readonly (Omit<ModelJob, "id"> & { readonly job: string })[];
};

function shown({ workflowRun, attempt, ownRepository, status, startedAt, jobs }: Readonly<Showable>): Shown {
  const stages = jobs.map((job) => [job.job, job.name, job.status, job.startedAt, job.finishedAt].join(" "));
  return { id: workflowRun, attempt, own: ownRepository, rest: { status, startedAt, stages: stages.toSorted() } };
}

function byId(one: Shown, other: Shown): number {
  return one.id < other.id ? -1 : 1;
}
