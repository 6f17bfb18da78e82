import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** The settings of a bot with a host that is never asked, since nobody says yes: a key, and a host key that no host has. */
export function quietHost(folder: string): Record<string, string> {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  writeFileSync(join(folder, "key"), privateKey.export({ type: "pkcs1", format: "pem" }), { mode: 0o600 });
  writeFileSync(join(folder, "known_hosts"), `127.0.0.1 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${"A".repeat(43)}\n`);
  return { SSH_PRIVATE_KEY_FILE: join(folder, "key"), SSH_KNOWN_HOSTS_FILE: join(folder, "known_hosts") };
}
