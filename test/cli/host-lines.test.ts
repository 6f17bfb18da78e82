import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hostLines } from "../../src/cli/host-lines.ts";
import { formatFaults } from "../../src/config/fault.ts";
import { parseConfig } from "../../src/config/load.ts";
import type { Sshd } from "../support/sshd.ts";
import { whyNoSshd } from "../support/sshd.ts";
import { openYard } from "../support/ssh-yard.ts";
import type { SshYard, YardKey } from "../support/ssh-yard.ts";

const skip = whyNoSshd();

describe.skipIf(skip !== null)(`what doctor says of hosts${skip === null ? "" : ` (${skip})`}`, () => {
  const yard: SshYard = openYard();
  let key: YardKey;
  let server: Sshd;
  let gate: Sshd;
  beforeAll(async () => {
    key = yard.newKey("key");
    [server, gate] = await Promise.all([yard.server({ admits: [key] }), yard.server({ admits: [key] })]);
    const git = (...words: string[]) => execFileSync("git", words, { cwd: yard.directory, stdio: "ignore" });
    git("init", "-q");
    git("-c", "user.name=a", "-c", "user.email=a@acme.test", "commit", "-q", "--allow-empty", "-m", "first");
  });
  afterAll(() => yard.close());

  async function linesWith(knownHosts: readonly string[]): Promise<Awaited<ReturnType<typeof hostLines>>> {
    const text = `
apps:
  shop:
    repository: github:acme/shop
    channel: "#shop"
    environments:
      staging:
        deploy: automatically
        target:
          type: ssh
          hosts: [{ address: 127.0.0.1, port: ${server.port}, user: ${server.user}, label: web-1 }]
          jump: ${gate.user}@127.0.0.1:${gate.port}
          directory: ${yard.directory}
          recipe: django
`;
    const config = parseConfig(text, "greenlight.yml");
    if (!config.ok) throw new Error(formatFaults(config.refusal));
    const privateKeys = [{ text: key.text, passphrases: [], from: "SSH_PRIVATE_KEY_FILE" }];
    return hostLines(yard.target({ privateKeys, knownHosts: knownHosts.join("\n") }), config.value);
  }

  test("a host that is reached: by which way and keys, and what it runs", async () => {
    const [line] = await linesWith([gate.hostKeyLine, server.hostKeyLine]);
    expect(line).toMatchObject({ ok: true });
    expect(line?.says).toMatch(
      /^shop\/staging, web-1: runs [0-9a-f]{7} \(through 127\.0\.0\.1 port \d+, host key SHA256:\S+; host key ssh-ed25519 SHA256:/,
    );
    expect(line?.says).toContain(`; our key ${key.print} of SSH_PRIVATE_KEY_FILE)`);
  });

  test("lines to pin, one after the other, until all on the way is known", async () => {
    const first = await linesWith([]);
    expect(first).toMatchObject([{ ok: false, below: `known_hosts: ${gate.hostKeyLine}` }]);
    const second = await linesWith([gate.hostKeyLine]);
    expect(second).toMatchObject([
      {
        ok: false,
        says: expect.stringMatching(/^shop\/staging, web-1: its host key SHA256:/),
        below: `known_hosts: ${server.hostKeyLine}`,
      },
    ]);
  });
});
