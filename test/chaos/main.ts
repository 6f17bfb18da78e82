import { parseArgs } from "node:util";
import { whyNoSshd } from "../support/sshd.ts";
import { chaos } from "./chaos.ts";

/**
 * `npm run chaos -- --runs N --seed S [--only K] [--lanes L]`: exit code 1 when a run broke a promise, 2 for wrong words. Asked to
 * stop, it clears up and shows the table of what was run by then.
 */
const stopping = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stopping.abort());
const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "36" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    only: { type: "string" },
    lanes: { type: "string", default: "3" },
  },
});
const [runs, seed, lanes, only] = [values.runs, values.seed, values.lanes, values.only ?? "0"].map(Number);
const why = whyNoSshd();
if (
  runs === undefined ||
  seed === undefined ||
  lanes === undefined ||
  only === undefined ||
  ![runs, seed, lanes, only].every(Number.isSafeInteger)
) {
  console.error("--runs, --seed, --only and --lanes take whole numbers");
  process.exitCode = 2;
} else if (why !== null) {
  console.error(`${why}; chaos needs a real sshd`);
  process.exitCode = 2;
} else {
  const { clean } = await chaos({
    runs,
    seed,
    lanes,
    only: values.only === undefined ? null : only,
    stopping: stopping.signal,
    say: (line) => console.log(line),
  });
  process.exitCode = clean ? 0 : 1;
}
