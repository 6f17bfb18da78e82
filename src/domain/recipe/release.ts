import { hashOf } from "../canonical.ts";
import type { CompanionRevision } from "../companion.ts";
import type { Layout, SshTargetConfig } from "../config.ts";
import type { Sha } from "../ids.ts";
import { BUILD, IN_RELEASE, SWITCH, UNLESS_BUILT } from "./release-script.ts";

type Releases = Extract<Layout, { kind: "releases" }>;

/** What a release holds. */
type Content = { readonly revision: Sha; readonly companions: readonly CompanionRevision[] };

/**
 * The folder of a revision below the host's directory. Its name also tells how it is built: another `install`, other shared paths
 * or another environment make another folder, so that what is live is never built upon. Same on every host.
 * Its first part says what it holds, so that a rollback takes no release with other companions.
 */
export function releaseFolder(target: SshTargetConfig, layout: Releases, { revision, companions }: Content): string {
  const { environment, install, manage, users } = target;
  const steps = (["pull", "install", "check", "collectstatic"] as const).map((name) => ({
    command: target.commands[name] ?? null,
    before: target.before[name] ?? [],
    after: target.after[name] ?? [],
    user: users[name] ?? null,
  }));
  const built = hashOf({ shared: layout.shared, recipe: target.recipe, environment, install, manage, steps });
  // Where it was fetched from changes nothing of what it holds.
  const others = companions.map(({ repository, directory, revision: its }) => ({ repository, directory, revision: its }));
  const holds = companions.length === 0 ? revision : hashOf({ revision, companions: others });
  return `releases/${holds.slice(0, 12)}-${built.slice(0, 8)}`;
}

/** Layout `releases`: makes the folder of a revision, or finds the one that was built before. */
export function buildCommand(
  target: SshTargetConfig,
  layout: Releases,
  input: Content & { readonly kind: "deploy" | "rollback" },
): readonly string[] {
  const shared = layout.shared.flatMap(({ kind, path }) => [kind, path, `${"../".repeat(path.split("/").length + 1)}shared/${path}`]);
  const name = nameOf(releaseFolder(target, layout, input));
  return ["sh", "-c", BUILD, "pull", input.revision, target.origin ?? "", name, String(layout.keep), input.kind, ...shared];
}

/** Makes a built release the live one: one rename, seen whole or not at all. */
export function switchCommand(target: SshTargetConfig, layout: Releases, content: Content): readonly string[] {
  return ["sh", "-c", SWITCH, "switch", content.revision, nameOf(releaseFolder(target, layout, content))];
}

/** A command that a release which was built whole does not need again. Runs in the release's folder. */
export function unlessBuilt(argv: readonly string[]): readonly string[] {
  return ["sh", "-c", UNLESS_BUILT, "build", ...argv];
}

/** A command in the code of a revision that is or was about to be live, whatever the configuration said when it was built. */
export function inReleaseOf(target: SshTargetConfig, layout: Releases, content: Content, argv: readonly string[]): readonly string[] {
  const holds = content.companions.length === 0 ? "revision" : "companions";
  return ["sh", "-c", IN_RELEASE, "release", content.revision, releaseFolder(target, layout, content), holds, ...argv];
}

function nameOf(folder: string): string {
  return folder.slice("releases/".length);
}
