import { z } from "zod";
import { STEP_NAMES, type StepName } from "../domain/config.ts";
import { dockerKeys, fabricKeys } from "./container-yml.ts";
import { HostShape, Jump, SshConnection, USER } from "./host-yml.ts";
import { Install } from "./install-yml.ts";
import { layoutKeys } from "./layout-yml.ts";
import { directory, duration, list, oneOf, pattern, section, text, wholeNumber } from "./scalars.ts";

const ARGV_WRITE = 'a list of words, as in `["sudo", "-n", "systemctl", "restart", "shop"]`: no shell reads them';
const Argv = list(z.string({ error: ARGV_WRITE }).min(1, { error: ARGV_WRITE }), ARGV_WRITE);

/** Optional keys, one per step, all of one shape. */
function bySteps<Item extends z.ZodType>(item: Item, write: string, names: readonly StepName[] = STEP_NAMES) {
  const shape = Object.fromEntries(names.map((name) => [name, item.optional()]));
  return section(shape, write).transform((given): Partial<Record<StepName, z.output<Item>>> => {
    const steps: Partial<Record<StepName, z.output<Item>>> = {};
    for (const name of names) {
      const value = given[name];
      if (value !== undefined) steps[name] = value;
    }
    return steps;
  });
}

/** The others are Greenlight's own, or have a key of their own. */
const REPLACEABLE = STEP_NAMES.filter((name) => !["preview", "backup", "switch", "run"].includes(name));

const ORIGIN_WRITE =
  "a git address without a password, such as `git@github.com:acme/shop.git`; a token belongs to the host's own git credentials";
export const OriginWord = text(ORIGIN_WRITE).refine((words) => !/^-|\s|:\/\/[^/@]*:[^/@]*@|^https?:\/\/[^/]*@/.test(words), {
  error: ORIGIN_WRITE,
});

/** How hosts change over. Without any of it: one after the other, and the first failure stops. */
const RollShape = section(
  {
    canary: wholeNumber("canary: 1", { least: 0, most: 1000 })
      .default(0)
      .meta({ description: "Hosts that change over before all others; if one of them fails, nothing follows." }),
    batch: wholeNumber("batch: 2", { least: 1, most: 1000 }).default(1).meta({ description: "Hosts that change over side by side." }),
    max_failures: wholeNumber("max_failures: 1", { least: 0, most: 1000 })
      .default(0)
      .meta({ description: "Hosts that may fail before the roll stops." }),
    pause: duration("30s", { ms: 0, text: "0s" }).default(0).meta({ description: "Time between two batches.", default: "0s" }),
    verify_times: wholeNumber("verify_times: 3", { least: 1, most: 100 })
      .default(1)
      .meta({ description: "How many times in a row `verify` must succeed on a host; a failure in between begins the count anew." }),
    verify_every: duration("2s", { ms: 1000, text: "1s" }).default(2000).meta({ description: "Time between two of them.", default: "2s" }),
  },
  "`roll: { canary: 1, batch: 2, max_failures: 0, pause: 30s, verify_times: 3, verify_every: 2s }`",
);

const HOOK_WRITE = "a list of commands, each a list of words, as in `migrate: [[./tell.sh, begin], [./tell.sh, done]]`";
const HOOKS_WRITE = "a map of steps and lists of commands, as in `before: { migrate: [[./tell.sh, begin]] }`";

const SERVICES_WRITE = "a list of systemd units, as in `services: [shop, shop-celery.service]`";
const Unit = pattern(/^[A-Za-z0-9_][A-Za-z0-9:_.@\\-]{0,127}$/, "the name of a systemd unit, such as `shop` or `shop-worker@1.service`");

/** What carries a deployment over SSH. */
export const TargetShape = section(
  {
    type: oneOf(["ssh", "docker", "fabric"]).meta({
      description:
        "`ssh`: a checkout or releases. `docker`: services of a compose file. `fabric`: the team's own fabfile. All go over SSH.",
    }),
    hosts: list(HostShape, "a list of hosts, as in `hosts: [deploy@web-1.acme.test]`").meta({
      description: "The servers, in the order in which they are restarted; migrations run on the first.",
    }),
    connection: SshConnection.default("default"),
    jump: Jump.default([]),
    directory: directory().optional().meta({ description: "The checkout on the hosts: absolute, or below the user's home as `~/shop`." }),
    recipe: oneOf(["django", "script"]).optional().meta({
      description: "`django`: pull, check, collectstatic, migrate, restart. `script`: only what `commands` names.",
    }),
    ...layoutKeys,
    ...dockerKeys,
    ...fabricKeys,
    manage: list(text("words, as in `[python3, manage.py]`"), "a list of words, as in `[venv/bin/python, manage.py]`")
      .optional()
      .meta({ description: "Words before the Django commands; `python3 manage.py`, or the python that `install` made, unless given." }),
    install: Install.optional().meta({ description: "`pip`, `uv`, `{ with: pip, ... }` or a command: fills a virtual environment." }),
    services: list(Unit, SERVICES_WRITE).optional().meta({
      description:
        "Units of systemd in the order of their restart, the app's name unless given; for `type: docker` the services of the compose file that run the image.",
    }),
    backup: Argv.optional().meta({ description: "Saves the database before a migration that loses data." }),
    users: bySteps(
      pattern(USER, "a user on the hosts, as in `migrate: shop`"),
      "a map of steps and users, as in `users: { migrate: shop }`",
    )
      .optional()
      .meta({ description: "Who runs a step, by `sudo -n -u`; otherwise the host's user." }),
    before: bySteps(list(Argv, HOOK_WRITE), HOOKS_WRITE).optional().meta({ description: "Commands that run before a step." }),
    after: bySteps(list(Argv, HOOK_WRITE), HOOKS_WRITE).optional().meta({ description: "Commands that run after a step." }),
    origin: OriginWord.optional().meta({ description: "Where the hosts must fetch from; without it, the `origin` they have." }),
    lock_timeout: z
      .union([z.literal("off"), duration("5s", { ms: 1000, text: "1s" })], { error: "`lock_timeout: 5s`, or `lock_timeout: off`" })
      .default(5000)
      .meta({
        description: "How long a migration waits for a lock before it gives up, so that the site does not wait behind it; PostgreSQL only.",
        default: "5s",
      }),
    environment: z
      .record(
        pattern(/^[A-Za-z_][A-Za-z0-9_]*$/, "a name of letters, digits and `_`, as in `DJANGO_SETTINGS_MODULE`"),
        pattern(/^[^\0]*$/, 'text in quotes, as in `WORKERS: "4"`'),
        { error: "a map of names and texts, as in `environment: { DJANGO_SETTINGS_MODULE: shop.settings }`" },
      )
      .default({})
      .meta({ description: "Environment variables of every step. No secrets: the plan is stored and shown." }),
    commands: bySteps(
      Argv,
      "a map of steps and commands, as in `commands: { install: [venv/bin/pip, install, -r, requirements.txt] }`",
      REPLACEABLE,
    )
      .optional()
      .meta({ description: "Replaces or adds the command of a step. `{revision}`, `{app}`, `{environment}` and `{host}` are filled in." }),
    timeouts: bySteps(duration("15m", { ms: 1000, text: "1s" }), "a map of steps and durations, as in `timeouts: { migrate: 2h }`")
      .optional()
      .meta({ description: "How long a step may take before it is ended." }),
    roll: RollShape.prefault({}).meta({ description: "How the hosts change over to the new version." }),
  },
  "`target: { type: ssh, hosts: [deploy@web-1.acme.test], directory: /srv/shop, recipe: django }`",
);

export type TargetDraft = z.output<typeof TargetShape>;
