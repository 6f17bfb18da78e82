import type { CompanionRevision } from "./companion.ts";
import { STEP_NAMES, type Environment, type Host, type SshTargetConfig, type StepName } from "./config.ts";
import { migrateCommand, previewCommand, undoCommand, type SchemaUndo } from "./django/commands.ts";
import type { Sha } from "./ids.ts";
import { companionCommand } from "./recipe/companion.ts";
import { dockerCommands } from "./recipe/docker.ts";
import { fabricCommands } from "./recipe/fabric.ts";
import { pullCommand } from "./recipe/in-place.ts";
import { installCommand } from "./recipe/install.ts";
import { buildCommand, inReleaseOf, releaseFolder, switchCommand, unlessBuilt } from "./recipe/release.ts";
import { checkedPull, revisionCommand } from "./recipe/revision.ts";

/** One command of a recipe, as every host that it concerns gets it. */
export type RecipeItem = {
  /** Unique in the plan per host: the step's name, or what was added to it, such as `before-migrate-1`. */
  readonly id: string;
  readonly name: StepName;
  /** Below the host's directory; null: that directory. */
  readonly cwd: string | null;
  readonly repeatable: boolean;
  argvOn(host: Host): readonly string[];
};

/** For which revision, and whether forwards or back. */
export type RecipeInput = {
  readonly kind: "deploy" | "rollback";
  readonly revision: Sha;
  readonly companions: readonly CompanionRevision[];
  /** The image that it has to be; absent: nobody knows. */
  readonly digest?: string;
  /** The schema goes back first, in the code that is live now: only that knows what it has to undo. */
  readonly undo?: { readonly from: Sha; readonly companions: readonly CompanionRevision[]; readonly schema: SchemaUndo };
};

type Command = { readonly id: string; readonly words: readonly string[]; readonly own: boolean };

/** What may be started again when its outcome was lost: it ends in the same state, however often it is run. */
const REPEATABLE: ReadonlySet<StepName> = new Set(["pull", "check", "collectstatic", "switch", "verify"]);
/** A rollback leaves the schema alone. */
const FORWARD_ONLY: ReadonlySet<StepName> = new Set(["preview", "backup", "migrate"]);
/** What makes a release whole. */
const BUILDING: ReadonlySet<StepName> = new Set(["install", "check", "collectstatic"]);
/** Steps of what is live already. */
const LIVE: ReadonlySet<StepName> = new Set(["restart", "verify"]);

/** The commands of a target's recipe in their order, with what stands before and after each. Steps without a command are left out. */
export function recipeOf(environment: Environment, input: RecipeInput): readonly RecipeItem[] {
  const steps = STEP_NAMES.filter((name) => input.kind === "deploy" || !FORWARD_ONLY.has(name)).flatMap((name) =>
    itemsOf(environment, input, name),
  );
  return input.undo === undefined ? steps : [undoItem(environment, input.undo), ...steps];
}

function undoItem({ target }: Environment, undo: NonNullable<RecipeInput["undo"]>): RecipeItem {
  const { layout } = target;
  const words = asUser(userOf(target, "migrate"), undoCommand(target, undo.schema), target.environment);
  const argv =
    layout.kind === "releases" ? inReleaseOf(target, layout, { revision: undo.from, companions: undo.companions }, words) : words;
  return { id: "undo-migrate", name: "migrate", cwd: null, repeatable: false, argvOn: () => argv };
}

function itemsOf(environment: Environment, input: RecipeInput, name: StepName): readonly RecipeItem[] {
  const { target } = environment;
  const commands = commandsOf(target, input, name);
  if (commands.length === 0) return [];
  const added = (when: "before" | "after"): readonly Command[] =>
    (target[when][name] ?? []).map((words, index) => ({ id: `${when}-${name}-${index + 1}`, words, own: true }));
  const place = placeOf(target, input, name);
  const item =
    (when: keyof Place) =>
    ({ id, words, own }: Command): RecipeItem => ({
      id,
      name,
      cwd: place[when],
      repeatable: when === "at" && (REPEATABLE.has(name) || isMadeAnew(target, name, own)),
      argvOn(host) {
        const filled = own ? words.map((word) => fill(word, { environment, host, revision: input.revision })) : words;
        // In this recipe only the pull brings code: what it brought is looked at before anything of it runs.
        const checks = id === "pull" && own && target.recipe === "django";
        const checked = checks ? checkedPull(target, input.revision, filled) : filled;
        // Our own question needs nobody's rights but the host's user's.
        const argv = id === "revision" ? checked : asUser(userOf(target, name), checked, target.environment);
        const builds = BUILDING.has(name) || (name === "pull" && when === "after");
        return target.layout.kind === "releases" && builds ? unlessBuilt(argv) : argv;
      },
    });
  return [
    ...added("before").map(item("before")),
    ...commands.map(item("at")),
    ...(name === "pull" ? input.companions.map((companion, index) => companionItem(target, place.after, companion, index)) : []),
    ...added("after").map(item("after")),
  ];
}

/** Brought in by whoever brings the app's own code, right behind it; a release that was built has it, with what building made of it. */
function companionItem(target: SshTargetConfig, cwd: string | null, companion: CompanionRevision, index: number): RecipeItem {
  const argv = asUser(userOf(target, "pull"), companionCommand(companion), target.environment);
  const words = target.layout.kind === "releases" ? unlessBuilt(argv) : argv;
  return { id: `with-${index + 1}`, name: "pull", cwd, repeatable: true, argvOn: () => words };
}

/** A release's virtual environment begins from nothing at each try, and nobody uses it before the switch. */
function isMadeAnew(target: SshTargetConfig, name: StepName, own: boolean): boolean {
  return name === "install" && !own && target.layout.kind === "releases";
}

/** The commands of one step: the user's own, else the recipe's; none if the recipe has none. */
function commandsOf(target: SshTargetConfig, input: RecipeInput, name: StepName): readonly Command[] {
  const words = target.commands[name];
  const main = words === undefined ? ourCommands(target, input, name) : [{ id: name, words, own: true }];
  if (name !== "verify") return main;
  // The containers are asked whatever a command of one's own says.
  if (target.docker !== undefined && words !== undefined)
    return [...ourCommands(target, input, name).map((command) => ({ ...command, id: "containers" })), ...main];
  if (target.recipe !== "script" && target.recipe !== "fabric") return main;
  // Any of one's own commands, or the fabfile, may have taken whatever a branch was at.
  const asked = revisionCommand(input.revision, target.commands.verify !== undefined);
  return [{ id: "revision", words: asked, own: false }, ...main];
}

function ourCommands(target: SshTargetConfig, input: RecipeInput, name: StepName): readonly Command[] {
  const { layout, install, backup, manage } = target;
  const ours = (words: readonly string[]): readonly Command[] => [{ id: name, words, own: false }];
  const own = ownCommand(target, input, name);
  if (own !== null) return own;
  const django = (...words: string[]): readonly Command[] =>
    target.recipe === "django" ? [{ id: name, words: [...manage, ...words], own: true }] : [];
  switch (name) {
    case "pull":
      return ours(layout.kind === "releases" ? buildCommand(target, layout, input) : pullCommand(target, input.revision));
    case "install":
      return install === null ? [] : ours(installCommand(install, layout.kind === "releases"));
    case "check":
      return django("check");
    case "collectstatic":
      return django("collectstatic", "--noinput");
    case "backup":
      return backup === null ? [] : [{ id: name, words: backup, own: true }];
    case "preview":
      // Whoever migrates by a command of their own may mean another database than `manage` does.
      return target.recipe === "django" && target.commands.migrate === undefined ? ours(previewCommand(manage)) : [];
    case "migrate":
      return target.recipe === "django" ? ours(migrateCommand(target)) : [];
    case "switch":
      return layout.kind === "releases" ? ours(switchCommand(target, layout, input)) : [];
    case "restart":
      return target.services.map((unit, index) => ({
        id: index === 0 ? name : `${name}-${index + 1}`,
        words: restart(target, unit),
        own: false,
      }));
    default:
      return [];
  }
}

/** Of the recipes that bring their commands along whole; null: not one of them, or a step that all share. */
function ownCommand(target: SshTargetConfig, input: RecipeInput, name: StepName): readonly Command[] | null {
  const { docker, fabric, hosts } = target;
  if (docker !== undefined && name !== "backup") {
    const words = dockerCommands(docker, input.revision, input.digest)[name];
    return words === undefined ? [] : [{ id: name, words, own: false }];
  }
  if (fabric !== undefined && name !== "pull" && name !== "backup") {
    const words = fabricCommands(fabric, { kind: input.kind, hosts: hosts.slice(1) })[name];
    return words === undefined ? [] : [{ id: name, words, own: name === "run" }];
  }
  return null;
}

/** As the host's user it takes sudo; another user is asked for by the step's own. */
function restart(target: SshTargetConfig, unit: string): readonly string[] {
  const words = ["systemctl", "restart", unit];
  return target.users.restart === undefined ? ["sudo", "-n", ...words] : words;
}

type Place = { readonly before: string | null; readonly at: string | null; readonly after: string | null };

/** Where a step runs: in the directory, in the new release before the switch, in what is live after it. */
function placeOf(target: SshTargetConfig, input: RecipeInput, name: StepName): Place {
  if (target.layout.kind === "in_place") return { before: null, at: null, after: null };
  const release = releaseFolder(target, target.layout, input);
  if (name === "pull") return { before: null, at: null, after: release };
  if (name === "switch") return { before: release, at: null, after: "current" };
  const at = LIVE.has(name) ? "current" : release;
  return { before: at, at, after: at };
}

/** Whoever brings the code also builds upon it and switches to it: all of that writes in the same folders. */
function userOf(target: SshTargetConfig, name: StepName): string | null {
  const builds = name === "switch" || BUILDING.has(name);
  return target.users[name] ?? (builds ? target.users.pull : undefined) ?? null;
}

/** `sudo` starts with an environment of its own, so ours is given behind it. */
function asUser(user: string | null, argv: readonly string[], environment: Readonly<Record<string, string>>): readonly string[] {
  if (user === null) return argv;
  const values = Object.entries(environment).map(([key, value]) => `${key}=${value}`);
  return ["sudo", "-n", "-u", user, "--", ...(values.length === 0 ? [] : ["env", ...values]), ...argv];
}

/** Fills in what a command of the user's own may ask for. Ours are scripts: in them such words mean something else. */
function fill(word: string, values: { readonly environment: Environment; readonly host: Host; readonly revision: Sha }): string {
  return word
    .replaceAll("{revision}", values.revision)
    .replaceAll("{app}", values.environment.app)
    .replaceAll("{environment}", values.environment.name)
    .replaceAll("{host}", values.host.name);
}
