import { hashOf } from "../canonical.ts";
import type { Layout, SshTargetConfig } from "../config.ts";
import type { Sha } from "../ids.ts";
import { BUILD, IN_RELEASE, SWITCH, UNLESS_BUILT } from "./release-script.ts";

type Releases = Extract<Layout, { kind: "releases" }>;

/**
 * The folder of a revision below the host's directory. Its name also tells how it is built: another `install`, other shared paths
 * or another environment make another folder, so that what is live is never built upon. Same on every host.
 */
export function releaseFolder(target: SshTargetConfig, layout: Releases, revision: Sha): string {
  const { environment, install, manage, users } = target;
  const steps = (["pull", "install", "check", "collectstatic"] as const).map((name) => ({
    command: target.commands[name] ?? null,
    before: target.before[name] ?? [],
    after: target.after[name] ?? [],
    user: users[name] ?? null,
  }));
  const built = hashOf({ shared: layout.shared, recipe: target.recipe, environment, install, manage, steps });
  return `releases/${revision.slice(0, 12)}-${built.slice(0, 8)}`;
}

/** Layout `releases`: makes the folder of a revision, or finds the one that was built before. */
export function buildCommand(
  target: SshTargetConfig,
  layout: Releases,
  input: { readonly kind: "deploy" | "rollback"; readonly revision: Sha },
): readonly string[] {
  const shared = layout.shared.flatMap(({ kind, path }) => [kind, path, `${"../".repeat(path.split("/").length + 1)}shared/${path}`]);
  const name = nameOf(releaseFolder(target, layout, input.revision));
  return ["sh", "-c", BUILD, "pull", input.revision, target.origin ?? "", name, String(layout.keep), input.kind, ...shared];
}

/** Makes a built release the live one: one rename, seen whole or not at all. */
export function switchCommand(target: SshTargetConfig, layout: Releases, revision: Sha): readonly string[] {
  return ["sh", "-c", SWITCH, "switch", revision, nameOf(releaseFolder(target, layout, revision))];
}

/** A command that a release which was built whole does not need again. Runs in the release's folder. */
export function unlessBuilt(argv: readonly string[]): readonly string[] {
  return ["sh", "-c", UNLESS_BUILT, "build", ...argv];
}

/** A command in the code of a revision that is or was about to be live, whatever the configuration said when it was built. */
export function inReleaseOf(target: SshTargetConfig, layout: Releases, revision: Sha, argv: readonly string[]): readonly string[] {
  return ["sh", "-c", IN_RELEASE, "release", revision, releaseFolder(target, layout, revision), ...argv];
}

function nameOf(folder: string): string {
  return folder.slice("releases/".length);
}
