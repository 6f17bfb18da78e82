import { readFileSync } from "node:fs";
import { createSshTarget } from "../../src/targets/ssh/target.ts";

/**
 * A bot that follows one step and does nothing else, to be killed in the middle: `node ssh-bot.ts FILE`, where FILE
 * holds `{privateKey, knownHosts, host, run, step}`. Prints the log's bytes as they come.
 */
const { privateKey, knownHosts, host, run, step } = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8"));
const target = createSshTarget({ privateKeys: [privateKey], knownHosts, minimumFreeBytes: 0 });
await target.step(host, run, step, {
  attempt: 1,
  offset: 0,
  signal: new AbortController().signal,
  onOutput(chunk) {
    process.stdout.write(chunk);
  },
});
