import type {
  AcquireOutcome,
  CancelOutcome,
  HostAddress,
  ReadOutcome,
  ReleaseOutcome,
  RunIdentity,
  StepFollow,
  StepOutcome,
  TargetStep,
} from "../../ports.ts";

/** A run's identity on a host. `highest`: the highest number ever given in the environment; without it, `number`. */
export type SshRun = RunIdentity;

/** `secrets` become environment variables of the step: sent over stdin, never in an argv, never stored on the host. */
export type SshFollow = StepFollow & { readonly secrets?: Readonly<Record<string, string>> };

/** What carries a deployment to hosts by SSH; satisfies `Target` of the ports. */
export type SshTarget = {
  acquire(host: HostAddress, run: SshRun): Promise<AcquireOutcome>;
  step(host: HostAddress, run: SshRun, step: TargetStep, follow: SshFollow): Promise<StepOutcome>;
  /** Ends the whole process group of whatever runs: TERM, grace, KILL. */
  cancel(host: HostAddress, run: SshRun, options: { readonly graceSeconds: number }): Promise<CancelOutcome>;
  release(
    host: HostAddress,
    run: SshRun,
    options: { readonly succeeded: boolean; readonly revision: string | null; readonly comesAgain?: boolean },
  ): Promise<ReleaseOutcome>;
  read(host: HostAddress): Promise<ReadOutcome>;
  /** Drops connections; what runs on hosts goes on. */
  close(): Promise<void>;
};

export type SshDeps = {
  /** OpenSSH or PEM text, without passphrase; tried in this order. */
  readonly privateKeys: readonly (string | Uint8Array)[];
  /** Text of a known_hosts file; besides OpenSSH's lines, `HOST SHA256:FINGERPRINT` pins a key. */
  readonly knownHosts: string;
  readonly connectTimeoutMs?: number;
  readonly keepaliveMs?: number;
  /** Least free space for `acquire`; 16 MiB if absent. */
  readonly minimumFreeBytes?: number;
  readonly log?: (line: Record<string, unknown>) => void;
};

export type Unreachable = { readonly kind: "unreachable"; readonly because: string };
export type Refused = { readonly kind: "refused"; readonly because: string };
