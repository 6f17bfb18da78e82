import { spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { askHealth } from "./health.mjs";
import { settings } from "./settings.mjs";
import { sabotage, witness, work } from "./work.mjs";

const UNIT = `shop.service - Acme shop (${settings.environment})`;
/** A cold start on a busy machine takes a few seconds, mostly for the error reporting. */
const START_SECONDS = 30;
const pidFile = join(settings.state, "shop.pid");
const command = process.argv[2] ?? "status";

witness(command);
const commands = { restart, status, stop };
if (!Object.hasOwn(commands, command)) {
  console.error(`Unknown operation ${command}.`);
  process.exit(1);
}
process.exitCode = await commands[command]();

async function restart() {
  const reason = sabotage("restart");
  if (reason !== null) {
    console.error(`Job for shop.service failed: ${reason}`);
    return 1;
  }
  await stop();
  await work(0.3);
  console.log(`Starting ${UNIT}...`);
  mkdirSync(settings.state, { recursive: true });
  const log = openSync(join(settings.state, "shop.log"), "a");
  const child = spawn(process.execPath, ["server.mjs"], { cwd: settings.checkout, detached: true, stdio: ["ignore", log, log] });
  writeFileSync(pidFile, `${child.pid}\n`);
  child.unref();
  if (!(await becomesHealthy())) {
    const ended = readFileSync(join(settings.state, "shop.log"), "utf8").split("\n").slice(-12).join("\n");
    console.error(
      `Job for shop.service failed: no answer with revision ${settings.revision} on port ${settings.port}. The log ends:\n${ended}`,
    );
    return 1;
  }
  console.log(`Started ${UNIT}.`);
  return 0;
}

async function status() {
  const pid = runningPid();
  const health = await askHealth();
  console.log(`${pid === null ? "○" : "●"} ${UNIT}\n     Active: ${pid === null ? "inactive (dead)" : "active (running)"}`);
  if (pid !== null) console.log(`   Main PID: ${pid} (node)\n   Revision: ${health?.revision ?? "no answer"}`);
  return pid === null ? 3 : 0;
}

async function stop() {
  const pid = runningPid();
  if (pid === null) return 0;
  console.log(`Stopping ${UNIT}...`);
  process.kill(pid, "SIGTERM");
  for (let tries = 0; tries < 100 && isAlive(pid); tries += 1) await setTimeout(50);
  if (isAlive(pid)) process.kill(pid, "SIGKILL");
  rmSync(pidFile, { force: true });
  console.log(`Stopped ${UNIT}.`);
  return 0;
}

async function becomesHealthy() {
  for (const end = Date.now() + START_SECONDS * 1000; Date.now() < end;) {
    if ((await askHealth())?.revision === settings.revision) return true;
    if (runningPid() === null) return false;
    await setTimeout(100);
  }
  return false;
}

function runningPid() {
  if (!existsSync(pidFile)) return null;
  const pid = Number(readFileSync(pidFile, "utf8"));
  return pid > 0 && isAlive(pid) ? pid : null;
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
