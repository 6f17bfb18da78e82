import { spawnSync } from "node:child_process";
import { whyNoSshd } from "../../support/sshd.ts";

/** Why the tests with the real Fabric cannot run here; null if they can. In CI they must. */
export function whyNoFabric(): string | null {
  const found = spawnSync("fab", ["--version"], { encoding: "utf8" });
  if (found.status === 0 && found.stdout.includes("Fabric 2")) return whyNoSshd();
  if (process.env["CI"] === "true") throw new Error("fabric is not installed, and CI must not skip the tests with the real Fabric");
  return "Fabric 2 is not installed";
}
