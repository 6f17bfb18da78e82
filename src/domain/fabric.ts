import type { Host, StepName } from "./config.ts";
import type { Sha } from "./ids.ts";

/** The team's own fabfile, run on a control host in a checkout of the approved revision. */
export type FabricRecipe = {
  /** Where `fab` runs; its directory is a checkout of the repository. */
  readonly control: Host;
  /** The call, for example `["fab", "-H", "{hosts}", "deploy", "--ref={revision}"]`; Fabric 1 and 2 alike. No shell reads it. */
  readonly argv: readonly string[];
  /** The call that goes back; null: `argv` with the earlier revision. */
  readonly rollback: readonly string[] | null;
};

/** `fab` is also the name of other tools; asked before anything is changed. Fabric 1 and 2 both begin with their name. */
const CHECK = `set -eu
said=$("$@" --version 2>&1) || { echo "$1 does not run here: $said" >&2; exit 1; }
case $said in *Fabric*) printf '%s\\n' "$said" ;; *) echo "$1 on this server is not Fabric, the deployment tool: it says $said" >&2; exit 1 ;; esac`;

/**
 * Asks a host itself, whatever the fabfile did: a task that deploys the tip of a branch must not pass for what was approved.
 * A checkout says it by git, a release by its file REVISION; `current` is where releases are live.
 */
const VERIFY = `set -eu
revision=$1
[ ! -d current ] || cd current/
if [ -f REVISION ]; then read -r have <REVISION; else have=$(git rev-parse --verify HEAD 2>/dev/null) || have=; fi
[ -n "$have" ] || { echo "nobody can tell which revision is in $PWD: neither git nor a file REVISION says it" >&2; exit 1; }
[ "$have" = "$revision" ] || { echo "approved $revision, but this server has $have" >&2; exit 1; }
echo "this server has $revision"`;

/** What the control host runs, besides the pull that everybody has. */
export function fabricCommands(
  recipe: FabricRecipe,
  given: { readonly kind: "deploy" | "rollback"; readonly hosts: readonly Host[] },
): Partial<Record<StepName, readonly string[]>> {
  const argv = given.kind === "rollback" ? (recipe.rollback ?? recipe.argv) : recipe.argv;
  const [program = "fab"] = argv;
  return {
    check: ["sh", "-c", CHECK, "check", program],
    run: argv.map((word) => word.replaceAll("{hosts}", given.hosts.map(hostWord).join(","))),
  };
}

/** Asked on each host that the fabfile deploys to. */
export function revisionCommand(revision: Sha): readonly string[] {
  return ["sh", "-c", VERIFY, "verify", revision];
}

/** As Fabric and OpenSSH write a host. */
function hostWord({ user, address, port }: Host): string {
  return `${user}@${address.includes(":") ? `[${address}]` : address}:${port}`;
}
