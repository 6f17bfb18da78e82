/** Full 40-hex commit id. A branch, tag or short id is a `ref` and becomes a `Sha` only by asking the provider. */
export type Sha = string & { readonly brand: "Sha" };
/** `app/environment`: readable, unique, and the row that `apply` locks. */
export type EnvironmentId = string & { readonly brand: "EnvironmentId" };
/** UUIDv7: never reused after a restore or in a second installation. */
export type DeploymentId = string & { readonly brand: "DeploymentId" };
/** UUIDv7 of a pipeline run. */
export type RunId = string & { readonly brand: "RunId" };

const SHA = /^[0-9a-f]{40}$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Null unless it is a full commit id in small letters. */
export function parseSha(text: string): Sha | null {
  return SHA.test(text) ? (text as Sha) : null;
}

/** Null unless it is a UUID in small letters. */
export function parseDeploymentId(text: string): DeploymentId | null {
  return UUID.test(text) ? (text as DeploymentId) : null;
}

/** Null unless it is a UUID in small letters. */
export function parseRunId(text: string): RunId | null {
  return UUID.test(text) ? (text as RunId) : null;
}

/** The id of an app's environment. */
export function environmentId(app: string, environment: string): EnvironmentId {
  return `${app}/${environment}` as EnvironmentId;
}

/** The seven digits people read; never an identity. */
export function shortSha(sha: Sha): string {
  return sha.slice(0, 7);
}
