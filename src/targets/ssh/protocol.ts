import type {
  AcquireOptions,
  AcquireOutcome,
  CancelOutcome,
  HostAddress,
  ReadOutcome,
  ReleaseOutcome,
  RunIdentity,
  StepFollow,
  StepOutcome,
  TargetStep,
  WayOutcome,
} from "../../ports.ts";

/** A run's identity on a host. `highest`: the highest number ever given in the environment; without it, `number`. */
export type SshRun = RunIdentity;

/** What carries a deployment to hosts by SSH; satisfies `Target` of the ports. */
export type SshTarget = {
  acquire(host: HostAddress, run: SshRun, options?: Partial<AcquireOptions>): Promise<AcquireOutcome>;
  step(host: HostAddress, run: SshRun, step: TargetStep, follow: StepFollow): Promise<StepOutcome>;
  /** Ends the whole process group of whatever runs: TERM, grace, KILL. */
  cancel(host: HostAddress, run: SshRun, options: { readonly graceSeconds: number }): Promise<CancelOutcome>;
  release(
    host: HostAddress,
    run: SshRun,
    options: { readonly succeeded: boolean; readonly revision: string | null; readonly comesAgain?: boolean },
  ): Promise<ReleaseOutcome>;
  read(host: HostAddress): Promise<ReadOutcome>;
  /** By which servers and keys a host is reached; runs nothing. */
  way(host: HostAddress): Promise<WayOutcome>;
  /** Drops connections; what runs on hosts goes on. */
  close(): Promise<void>;
};

/** A private key, OpenSSH or PEM text. `from` says to people where it comes from; each passphrase is tried on an encrypted one. */
export type SshPrivateKey = { readonly text: string; readonly passphrases: readonly string[]; readonly from: string };

/** What opens servers: keys in the order in which they are offered, then those of an agent. */
export type SshAccount = { readonly privateKeys: readonly (string | Uint8Array | SshPrivateKey)[]; readonly agentSocket: string | null };

export type SshDeps = {
  /** Keys of the connection `default`; a text or bytes is a key without passphrase. */
  readonly privateKeys: SshAccount["privateKeys"];
  /** Unix socket of its agent; none is asked unless it is given. */
  readonly agentSocket?: string | null;
  /** The other connections by name: their hosts are shown their keys only. */
  readonly accounts?: ReadonlyMap<string, SshAccount>;
  /** Text of a known_hosts file; besides OpenSSH's lines, `HOST SHA256:FINGERPRINT` pins a key. */
  readonly knownHosts: string;
  readonly connectTimeoutMs?: number;
  readonly keepaliveMs?: number;
  /** Least free space for `acquire`; 16 MiB if absent. */
  readonly minimumFreeBytes?: number;
  /** Least free inodes for `acquire`; 1000 if absent. */
  readonly minimumFreeInodes?: number;
  /** A step whose log grows beyond this is ended; 512 MiB if absent. */
  readonly logBytes?: number;
  /** How long the guard on a host waits for a next step before it goes; 5 minutes if absent. */
  readonly guardIdleSeconds?: number;
  readonly log?: (line: Record<string, unknown>) => void;
};

export type Unreachable = { readonly kind: "unreachable"; readonly because: string };
export type Refused = { readonly kind: "refused"; readonly because: string };
