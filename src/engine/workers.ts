import type { JobName, Jobs } from "../db/jobs.ts";
import { parseDeploymentId, parseRunId, type EnvironmentId } from "../domain/ids.ts";
import { announce } from "./announce.ts";
import { consider, reconsider } from "./consider.ts";
import { drive } from "./drive.ts";
import type { Engine } from "./engine.ts";
import { carryGate } from "./gates.ts";
import { crashFree } from "./crash-free.ts";
import { fetchTests } from "./fetch-tests.ts";
import { late } from "./late.ts";
import { aftermath, look } from "./look.ts";
import { page } from "./page.ts";
import { recheck } from "./recheck.ts";
import { mark } from "./mark.ts";
import { tell } from "./tell.ts";

/** One function for each kind of job. */
export type Handlers = { readonly [Name in JobName]: (data: Jobs[Name], signal: AbortSignal) => Promise<void> };

/** Which function carries out which job. A fault is reported here, once, with what it was about; the queue tries again. */
export function jobHandlers(engine: Engine, read: () => Promise<void>): Handlers {
  return {
    drive: (data, signal) => guarded(engine, "drive", data.deployment, () => drive(engine, deployment(data.deployment), signal)),
    recheck: (data) => guarded(engine, "recheck", data.environment, () => recheck(engine, data.environment as EnvironmentId)),
    look: (data) => guarded(engine, "look", data.deployment, () => look(engine, { ...data, deployment: deployment(data.deployment) })),
    aftermath: (data) =>
      guarded(engine, "aftermath", data.deployment, () => aftermath(engine, { ...data, deployment: deployment(data.deployment) })),
    announce: (data) => guarded(engine, "announce", data.deployment, () => announce(engine, deployment(data.deployment))),
    late: (data) => guarded(engine, "late", data.deployment, () => late(engine, deployment(data.deployment))),
    sessions: (data) => guarded(engine, "sessions", data.deployment, () => crashFree(engine, deployment(data.deployment))),
    page: (data) =>
      guarded(engine, "page", data.deployment, () => page(engine, { deployment: deployment(data.deployment), sequence: data.sequence })),
    tell: (data) => guarded(engine, "tell", data.deployment, () => tell(engine, data)),
    gate: (data) => guarded(engine, "gate", data.deployment, () => carryGate(engine, deployment(data.deployment))),
    mark: (data) => guarded(engine, "mark", data.run, () => mark(engine, run(data.run))),
    read: (data) => guarded(engine, "read", data.what, read),
    consider: (data) => guarded(engine, "consider", data.run, () => consider(engine, run(data.run))),
    tests: (data) => guarded(engine, "tests", data.run, () => fetchTests(engine, run(data.run))),
    reconsider: (data) => guarded(engine, "reconsider", data.environment, () => reconsider(engine, data.environment as EnvironmentId)),
  };
}

async function guarded(engine: Engine, job: JobName, subject: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (fault) {
    engine.report(fault, { job, subject });
    throw fault;
  }
}

function deployment(text: string): NonNullable<ReturnType<typeof parseDeploymentId>> {
  const id = parseDeploymentId(text);
  if (id === null) throw new Error(`a job names ${text}, which is no deployment`);
  return id;
}

function run(text: string): NonNullable<ReturnType<typeof parseRunId>> {
  const id = parseRunId(text);
  if (id === null) throw new Error(`a job names ${text}, which is no run`);
  return id;
}
