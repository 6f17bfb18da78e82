import { fork, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ReplicaSettings } from "../../test/support/engine-replica.ts";
import { directoryOf, type Fleet } from "./fleet.ts";
import { commandsOf, RECIPES, STEPS, type Recipe } from "./recipes.ts";
import type { Mark } from "./timed-target.ts";

/** What the bot's process is started from. */
export type BotOrders = { readonly folder: string; readonly settings: Omit<ReplicaSettings, "connectionString"> };
export type Asked = { readonly kind: "deploy"; readonly environment: string; readonly revision: string } | { readonly kind: "stop" };
export type Answered =
  | { readonly kind: "ready" }
  | { readonly kind: "deployed"; readonly ms: number; readonly marks: readonly Mark[] }
  | { readonly kind: "fault"; readonly says: string };

/** A bot that runs all the time, as in production, and is asked for one deployment after the other. */
export type Bot = AsyncDisposable & {
  readonly pid: number;
  /** From the approval's commit to the commit that says it is live, as PostgreSQL recorded both. */
  deploy(environment: string, revision: string): Promise<{ readonly ms: number; readonly marks: readonly Mark[] }>;
};

export function environmentOf(hosts: number, recipe: Recipe | "output"): string {
  return `h${hosts}-${recipe}`;
}

/** The environment whose one step prints a file of the host. */
export const OUTPUT = { environment: environmentOf(1, "output"), directory: "output", file: "fifty-megabytes.log" } as const;

export async function startBot(fleet: Fleet, sizes: readonly number[]): Promise<Bot> {
  const settings = {
    config: configOf(fleet, sizes),
    privateKey: fleet.privateKey,
    knownHosts: fleet.knownHosts,
    installation: randomUUID(),
    replica: "bench",
  };
  const file = join(fleet.folder, "bot.json");
  writeFileSync(file, JSON.stringify({ folder: fleet.folder, settings } satisfies BotOrders));
  const child = fork(new URL("bot.ts", import.meta.url).pathname, [file], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const first = await heard(child);
  if (first.kind !== "ready" || child.pid === undefined) throw new Error(`the bot did not start: ${JSON.stringify(first)}`);
  return {
    pid: child.pid,
    async deploy(environment, revision) {
      const answer = heard(child);
      child.send({ kind: "deploy", environment, revision } satisfies Asked);
      const told = await answer;
      if (told.kind !== "deployed") throw new Error(told.kind === "fault" ? told.says : "the bot spoke out of turn");
      return told;
    },
    async [Symbol.asyncDispose]() {
      const ended = new Promise((gone) => child.once("exit", gone));
      child.send({ kind: "stop" } satisfies Asked);
      await ended;
    },
  };
}

function heard(child: ChildProcess): Promise<Answered> {
  return new Promise((told, failed) => {
    const gone = (code: number | null): void => failed(new Error(`the bot ended with ${code}`));
    child.once("exit", gone);
    child.once("message", (answer: Answered) => {
      child.off("exit", gone);
      told(answer);
    });
  });
}

function configOf(fleet: Fleet, sizes: readonly number[]): string {
  const hostsOf = (count: number): unknown =>
    fleet.hosts.slice(0, count).map(({ name, sshd }) => ({ address: sshd.address, port: sshd.port, user: sshd.user, label: name }));
  const approval = { from: ["UPETRA"], count: 1, expires: "24h" };
  const environments = sizes.flatMap((size) =>
    RECIPES.map((recipe) => {
      const argvs = commandsOf(recipe, "{revision}");
      const commands = Object.fromEntries(STEPS[recipe].map((step, index) => [step, argvs[index]]));
      const target = {
        type: "ssh",
        recipe: "script",
        hosts: hostsOf(size),
        directory: `~/${directoryOf(size, recipe)}`,
        commands,
        roll: { batch: 16 },
      };
      return [environmentOf(size, recipe), { approval, target }] as const;
    }),
  );
  const output = {
    type: "ssh",
    recipe: "script",
    hosts: hostsOf(1),
    directory: `~/${OUTPUT.directory}`,
    commands: { pull: ["cat", OUTPUT.file], verify: ["true"] },
  };
  const all = Object.fromEntries([...environments, [OUTPUT.environment, { approval, target: output }]]);
  return JSON.stringify({ apps: { shop: { repository: "github:acme/shop", channel: "#shop", environments: all } } });
}
