import { connect } from "node:net";
import ssh2 from "ssh2";
import type { HostAddress } from "../../src/ports.ts";

/** A bare SSH connection with TCP_NODELAY: what our own steps are measured against. */
export type PlainSsh = { exec(command: string): Promise<number>; end(): void };

export function openPlain(host: HostAddress, privateKey: string): Promise<PlainSsh> {
  const client = new ssh2.Client();
  function exec(command: string): Promise<number> {
    return new Promise((ended, failed) => {
      client.exec(command, (fault, channel) => {
        if (fault) return failed(fault);
        let code = -1;
        channel.resume();
        channel.stderr.resume();
        channel.on("exit", (exit: number | null) => (code = exit ?? -1));
        channel.on("close", () => ended(code));
      });
    });
  }
  return new Promise((opened, failed) => {
    client.once("error", failed);
    client.once("ready", () => opened({ exec, end: () => client.end() }));
    client.connect({
      sock: connect({ host: host.address, port: host.port, noDelay: true }),
      username: host.user,
      privateKey,
      // A server of our own, started a moment ago.
      hostVerifier: () => true,
    });
  });
}
