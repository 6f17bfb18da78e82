import type { Host, StepName } from "../config.ts";

/** The team's own fabfile, run on the first host in a checkout of the approved revision; it deploys to the others. */
export type FabricRecipe = {
  /** The call, for example `["fab", "-H", "{hosts}", "deploy", "--ref={revision}"]`; Fabric 1 and 2 alike. No shell reads it. */
  readonly argv: readonly string[];
  /** The call that goes back; null: `argv` with the earlier revision. */
  readonly rollback: readonly string[] | null;
};

/** `fab` is also the name of other tools; asked before anything is changed. Fabric 1 and 2 both begin with their name. */
const CHECK = `set -eu
said=$("$@" --version 2>&1) || { echo "$1 does not run here: $said" >&2; exit 1; }
case $said in *Fabric*) printf '%s\\n' "$said" ;; *) echo "$1 on this server is not Fabric, the deployment tool: it says $said" >&2; exit 1 ;; esac`;

/** What the first host runs, besides the pull that everybody has. `hosts`: those that the fabfile deploys to. */
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

/** As Fabric and OpenSSH write a host. */
function hostWord({ user, address, port }: Host): string {
  return `${user}@${address.includes(":") ? `[${address}]` : address}:${port}`;
}
