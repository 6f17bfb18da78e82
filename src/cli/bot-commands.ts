import type { Command } from "commander";

export type OperatorVerb = "deploy" | "approve" | "rollback" | "cancel" | "lock" | "unlock" | "freeze" | "unfreeze";
export type OperatorOptions = {
  readonly reason: string;
  readonly override?: boolean;
  readonly database?: boolean;
  readonly ref?: string;
  readonly to?: string;
  readonly number?: string;
  readonly hours: string;
};

const VERBS: readonly (readonly [OperatorVerb, string])[] = [
  ["deploy", "ask for a deployment; with --override it needs nobody's yes"],
  ["approve", "say yes to what waits there; needs --override, which is recorded and announced"],
  ["rollback", "bring the servers back to the last good version"],
  ["cancel", "stop what waits or runs there"],
  ["lock", "hold the environment"],
  ["unlock", "let it go"],
  ["freeze", "let nobody deploy there; a rollback is always possible"],
  ["unfreeze", "lift a freeze that somebody set"],
];

/** What is only asked, of an app. */
const QUESTIONS = [
  ["history", "the last deployments: who wanted them, how they ended"],
  ["diff", "what the newest candidate would change"],
  ["why", "why the newest version is not live: every reason"],
] as const;

/** Commands that need the bot's database. Each loads it only when it is run: `check` must not fail for want of it. */
export function addBotCommands(program: Command): void {
  program
    .command("doctor")
    .description("check the history's chain, the hosts and Slack; one line each: ok, or what to do")
    .action(async () => void (process.exitCode = await (await import("./doctor.ts")).doctor()));
  program
    .command("plan")
    .argument("<app>")
    .argument("<environment>")
    .argument("[ref]", "branch, tag or commit; otherwise the newest candidate")
    .description("show the steps a deployment would run; runs nothing")
    .action(
      async (app: string, environment: string, ref: string | undefined) =>
        void (process.exitCode = await (await import("./plan.ts")).plan({ app, environment, ref: ref ?? null })),
    );
  program
    .command("status")
    .argument("[app]")
    .description("what is live where, what is on its way")
    .action(async (app: string | undefined) => void (process.exitCode = await (await import("./operator.ts")).showStatus(app ?? null)));
  for (const [question, description] of QUESTIONS) {
    program
      .command(question)
      .argument("<app>")
      .argument("[environment]", "otherwise each of the app's")
      .description(description)
      .action(
        async (app: string, environment: string | undefined) =>
          void (process.exitCode = await (await import("./operator.ts")).ask({ kind: question, app, environment: environment ?? null })),
      );
  }
  program
    .command("queue")
    .argument("[app]")
    .description("what runs and what waits, and for what")
    .action(
      async (app: string | undefined) =>
        void (process.exitCode = await (await import("./operator.ts")).ask({ kind: "queue", app: app ?? null })),
    );
  program
    .command("reviews")
    .argument("[app]")
    .description("environments that CI made for merge requests")
    .action(
      async (app: string | undefined) =>
        void (process.exitCode = await (await import("./operator.ts")).ask({ kind: "reviews", app: app ?? null })),
    );
  program
    .command("trust")
    .argument("[app]")
    .description("how often the watch was right, and what a rollback by itself would have done")
    .action(
      async (app: string | undefined) =>
        void (process.exitCode = await (await import("./operator.ts")).ask({ kind: "trust", app: app ?? null })),
    );
  program
    .command("logs")
    .argument("<deployment>", "as its card and thread name it: app/environment#number, or its id")
    .option("--step <name>", "of this step only")
    .option("--host <name>", "of this server only")
    .description("what the steps of a deployment printed, without secrets; kept for 30 days")
    .action(
      async (deployment: string, options: { readonly step?: string; readonly host?: string }) =>
        void (process.exitCode = await (
          await import("./logs.ts")
        ).logs(deployment, { step: options.step ?? null, host: options.host ?? null })),
    );
  for (const [verb, description] of VERBS) addVerb(program, verb, description);
}

function addVerb(program: Command, verb: OperatorVerb, description: string): void {
  const command = program
    .command(verb)
    .argument("<app>")
    .argument("<environment>")
    .requiredOption("--reason <text>", "why; it is recorded and shown")
    .description(description);
  if (verb === "deploy" || verb === "approve")
    command.option("--override", "pass the approval rule: recorded and announced as an override");
  if (verb === "rollback") command.option("--database", "undo its migrations too; what is in them is lost");
  if (verb === "rollback") command.option("--to <version>", "tag, branch or commit that was live there instead of the last good one");
  if (verb === "cancel") command.option("--number <number>", "which deployment, where more than one waits or runs");
  if (verb === "deploy") command.option("--ref <ref>", "branch, tag or commit instead of the newest candidate");
  if (verb === "lock" || verb === "freeze") command.option("--hours <number>", "for how long", "2");
  command.action(
    async (app: string, environment: string, options: OperatorOptions) =>
      void (process.exitCode = await (await import("./operator.ts")).operate(verb, { app, environment, options })),
  );
}
