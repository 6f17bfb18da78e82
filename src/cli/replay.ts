import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import type { Command } from "commander";
import { isFinal } from "../domain/deployment.ts";
import { replayMeasurements, replayRecorded } from "../domain/verdict/recorded.ts";
import type { ReplayedLook } from "../domain/verdict/recorded.ts";
import { EXIT } from "./exit.ts";
import { readRecording } from "./recording.ts";

/** Ratios are read by people too: more digits say nothing. */
const DIGITS = 4;

export function addReplay(program: Command): void {
  program
    .command("replay")
    .argument("[file]", "a recorded watch as JSON, or JSON Lines with one watch a line; - is standard input")
    .option("--deployment <deployment>", "the watch of this deployment instead: app/environment#number, or its id")
    .description("what the judge says of a recorded watch, look by look; changes nothing")
    .action(async (file: string | undefined, options: { readonly deployment?: string }) => {
      if ((file === undefined) === (options.deployment === undefined)) {
        process.stderr.write("Name a file (or - for standard input), or a deployment with --deployment.\n");
        process.exitCode = EXIT.usage;
        return;
      }
      process.exitCode = file === undefined ? await replayDeployment(options.deployment ?? "") : await replayFile(file);
    });
}

async function replayFile(file: string): Promise<number> {
  const words = await read(file);
  if (words === null) return usage(`${file} cannot be read.`);
  const recording = readRecording(words);
  if (!recording.ok) {
    const { line, path, says } = recording.refusal;
    return usage(`${file === "-" ? "standard input" : file}:${line}: ${path} ${says}.`);
  }
  for (const [watch, recorded] of recording.value.entries()) await print(watch, replayRecorded(recorded));
  return EXIT.ok;
}

async function replayDeployment(named: string): Promise<number> {
  // The database is loaded only where it is needed: a file can be replayed without any.
  const [{ exitCodeOf }, { deploymentNamed }, { measurementsOf }] = await Promise.all([
    import("./session.ts"),
    import("./logs.ts"),
    import("../db/measurements.ts"),
  ]);
  return exitCodeOf(async ({ engine }) => {
    const deployment = await deploymentNamed(engine, named);
    if (deployment === null) return no(`There is no deployment ${named}. Name it as app/environment#number, as its thread does.`);
    const { watch } = deployment.plan;
    const { watch: looks } = await measurementsOf(engine.db, deployment.id);
    if (watch === null || deployment.liveAt === null || looks.length === 0) return no(`Nothing was watched of ${named}.`);
    const until = new Date(deployment.liveAt.getTime() + watch.forMs);
    const isOver = isFinal(deployment.state) && deployment.state.at >= until;
    await print(0, replayMeasurements(watch, { liveAt: deployment.liveAt, until, isOver }, looks));
    return EXIT.ok;
  });
}

async function read(file: string): Promise<string | null> {
  try {
    return file === "-" ? await text(process.stdin) : await readFile(file, "utf8");
  } catch {
    return null;
  }
}

async function print(watch: number, looks: readonly ReplayedLook[]): Promise<void> {
  const lines = looks.map(({ t, verdict, level, ratio, low, high, why }) =>
    JSON.stringify({ watch, t, verdict, level, ratio: short(ratio), low: short(low), high: short(high), why }),
  );
  // A reader that has seen enough closes the pipe; one that is slow is waited for.
  if (lines.length > 0 && !process.stdout.write(`${lines.join("\n")}\n`))
    await new Promise((drained) => process.stdout.once("drain", drained));
}

function short(figure: number | null): number | null {
  return figure === null || !Number.isFinite(figure) ? null : Number(figure.toPrecision(DIGITS));
}

function usage(says: string): number {
  process.stderr.write(`${says}\n`);
  return EXIT.usage;
}

function no(says: string): number {
  process.stderr.write(`${says}\n`);
  return EXIT.no;
}
