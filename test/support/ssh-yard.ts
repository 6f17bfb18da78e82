import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import type { HostAddress } from "../../src/ports.ts";
import type { SshDeps, SshTarget } from "../../src/targets/ssh/protocol.ts";
import { createSshTarget } from "../../src/targets/ssh/target.ts";
import { startSshd } from "./sshd.ts";
import type { Sshd } from "./sshd.ts";

/** Several OpenSSH servers and key files in one folder, and bots that connect to them; all closed together. */
export type SshYard = {
  readonly folder: string;
  /** A directory that can be deployed to. */
  readonly directory: string;
  newDirectory(name: string): string;
  /** A key made by ssh-keygen: its file, and the line for authorized_keys. */
  newKey(name: string, options?: { readonly type?: "ed25519" | "rsa" | "ecdsa"; readonly passphrase?: string }): YardKey;
  server(options: Omit<Parameters<typeof startSshd>[0], "authorizedKey"> & { readonly admits: readonly YardKey[] }): Promise<Sshd>;
  host(server: Pick<Sshd, "address" | "port">, over?: Partial<HostAddress>): HostAddress;
  target(deps: SshDeps): SshTarget;
  close(): Promise<void>;
};

export type YardKey = { readonly file: string; readonly text: string; readonly line: string; readonly print: string };

export function openYard(): SshYard {
  const folder = mkdtempSync(join(tmpdir(), "greenlight-yard-"));
  const directory = join(folder, "shop");
  mkdirSync(directory);
  const servers: Sshd[] = [];
  const targets: SshTarget[] = [];
  return {
    folder,
    directory,
    newDirectory(name) {
      mkdirSync(join(folder, name));
      return join(folder, name);
    },
    newKey(name, { type = "ed25519", passphrase = "" } = {}) {
      const file = join(folder, name);
      execFileSync("ssh-keygen", ["-q", "-t", type, ...(type === "rsa" ? ["-b", "2048"] : []), "-N", passphrase, "-C", name, "-f", file]);
      const [, print = ""] = execFileSync("ssh-keygen", ["-lf", `${file}.pub`], { encoding: "utf8" }).split(" ");
      return { file, text: readFileSync(file, "utf8"), line: readFileSync(`${file}.pub`, "utf8").trim(), print };
    },
    async server({ admits, ...options }) {
      const authorizedKey = admits.map(({ line }) => line).join("\n");
      const server = await startSshd({ authorizedKey, env: { HOME: folder }, ...options });
      servers.push(server);
      return server;
    },
    host: ({ address, port }, over = {}) => ({ name: "web-1", address, port, user: userInfo().username, directory, ...over }),
    target(deps) {
      const target = createSshTarget({ minimumFreeBytes: 0, ...deps });
      targets.push(target);
      return target;
    },
    async close() {
      await Promise.all(targets.map((target) => target.close()));
      await Promise.all(servers.map((server) => server.close()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
