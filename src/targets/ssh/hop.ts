import type { HostAddress } from "../../ports.ts";

/** One server on the way to a host: the jump hosts in order, the host itself last. Each one's key is checked. */
export type Hop = {
  /** What people read in a sentence about it. */
  readonly label: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** The connection whose keys open it: one app's keys are never shown to the servers of another. */
  readonly account: string;
};

export function hopsOf(host: HostAddress): readonly [...jumps: Hop[], last: Hop] {
  const account = host.connection ?? "default";
  const jumps = (host.jump ?? []).map(({ address, port, user }) => {
    const label = `${host.name}: jump host ${address}${port === 22 ? "" : ` port ${port}`}`;
    return { label, address, port, user, account };
  });
  return [...jumps, { label: host.name, address: host.address, port: host.port, user: host.user, account }];
}

/** Two ways of one key share their connection. */
export function wayKey(hops: readonly Hop[]): string {
  return JSON.stringify(hops.map(({ account, user, address, port }) => [account, user, address, port]));
}
