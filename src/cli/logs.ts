import { deploymentById, deploymentNumbered } from "../db/deployments.ts";
import type { Deployment } from "../domain/deployment.ts";
import { parseDeploymentId } from "../domain/ids.ts";
import type { Engine } from "../engine/engine.ts";
import { logFile } from "../engine/log-file.ts";
import { EXIT } from "./exit.ts";
import { exitCodeOf } from "./session.ts";

/** What the steps of a deployment printed, for a terminal or a pipe. */
export function logs(named: string, only: { readonly step: string | null; readonly host: string | null }): Promise<number> {
  return exitCodeOf(async ({ engine }) => {
    const deployment = await deploymentNamed(engine, named);
    const file = deployment === null ? null : await logFile(engine, deployment.id, only);
    if (file === null) return no(`There is no deployment ${named}. Name it as app/environment#number, as its thread does.`);
    if (file.steps === 0)
      return no(`Nothing is stored of ${file.title}${only.step === null && only.host === null ? "" : " by that step and server"}.`);
    process.stdout.write(file.text);
    return EXIT.ok;
  });
}

/** A deployment by its id or as its card and thread name it; null: there is none. */
export async function deploymentNamed(engine: Engine, named: string): Promise<Deployment | null> {
  const id = parseDeploymentId(named);
  if (id !== null) return deploymentById(engine.db, id);
  const { environment, number } = /^(?<environment>[^#]+)#(?<number>\d{1,9})$/u.exec(named)?.groups ?? {};
  return environment === undefined || number === undefined ? null : deploymentNumbered(engine.db, environment, Number(number));
}

function no(says: string): number {
  process.stderr.write(`${says}\n`);
  return EXIT.no;
}
