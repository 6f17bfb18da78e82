import type { Environment } from "./config.ts";
import type { Blocker } from "./deployment.ts";
import type { Sha } from "./ids.ts";

/** That an image was built from a revision: a registry or CI said so, or the servers of the environment before ran it. */
export type KnownImage = {
  /** Without tag and digest. */
  readonly image: string;
  readonly revision: Sha;
  /** `sha256:` and 64 hex digits. */
  readonly digest: string;
  readonly from: "registry" | "ran";
};

/** What one environment may run of a revision. `digest` null: nobody told of one, and each server resolves the tag. */
export type ImageChoice =
  | { readonly kind: "choice"; readonly digest: string | null }
  | { readonly kind: "doubt"; readonly because: string; readonly owner: string };

/**
 * What was tested is what runs: the digest that ran in the environment before. Where none did, the one that the registry told of. Several
 * builds of one revision, and servers that say they ran something that the registry never had, are no choice: both are named.
 */
export function imageFor(environment: Environment, known: readonly KnownImage[], revision: Sha): ImageChoice {
  const docker = environment.target.docker;
  if (docker === undefined) return { kind: "choice", digest: null };
  const name = nameOf(docker.image);
  const of = (from: KnownImage["from"]): readonly string[] => [
    ...new Set(known.flatMap((one) => (one.from === from && one.revision === revision && one.image === name ? [one.digest] : []))),
  ];
  const [ran, told] = [of("ran"), of("registry")];
  const before = environment.after?.environment ?? null;
  const [first] = ran;
  if (before !== null && first !== undefined) {
    if (ran.length > 1) return doubt(`${before} ran different images of it: ${list(ran)}.`, before);
    if (told.length > 0 && !told.includes(first))
      return doubt(`${before} ran ${short(first)}, and the registry told of ${list(told)} for this version.`, "the registry");
    return { kind: "choice", digest: first };
  }
  if (told.length > 1)
    return doubt(`Its image was built more than once: ${list(told)}. Nobody can tell which one was tested.`, "the registry");
  return { kind: "choice", digest: told[0] ?? null };
}

/** The same as a reason why it may not start; none where there is a choice. */
export function imageBlockers(environment: Environment, known: readonly KnownImage[], revision: Sha): readonly Blocker[] {
  const choice = imageFor(environment, known, revision);
  return choice.kind === "choice" ? [] : [{ rule: "image", text: choice.because, owner: choice.owner, liftsAt: null }];
}

/** The image of a reference, without tag and digest; a colon before the last slash is a port's. */
export function nameOf(reference: string): string {
  const named = reference.split("@", 1)[0] ?? reference;
  const colon = named.lastIndexOf(":");
  return colon > named.lastIndexOf("/") ? named.slice(0, colon) : named;
}

/** The revision that a tag names by the pattern of the configuration, such as `shop:{revision}`; null: it names none. */
export function revisionInTag(pattern: string, tag: string | null): string | null {
  const [before = "", after = ""] = pattern.slice(nameOf(pattern).length + 1).split("{revision}");
  if (tag === null || !tag.startsWith(before) || !tag.endsWith(after)) return null;
  const found = tag.slice(before.length, tag.length - after.length);
  return /^[0-9a-f]{40}$/.test(found) ? found : null;
}

/** What a server said that it pulled, as the step prints it; null: nothing that has this strict form. */
export function pulledImage(printed: string): { readonly image: string; readonly digest: string } | null {
  const found = [...printed.matchAll(/^image ([a-z0-9][a-z0-9._:/-]{0,254})@(sha256:[0-9a-f]{64})\r?$/gm)].at(-1);
  return found?.[1] === undefined || found[2] === undefined ? null : { image: found[1], digest: found[2] };
}

function doubt(because: string, owner: string): ImageChoice {
  return { kind: "doubt", because, owner };
}

function list(digests: readonly string[]): string {
  return digests.map(short).join(" and ");
}

/** Enough to tell two apart, and to find it in a registry. */
function short(digest: string): string {
  return digest.slice(0, "sha256:".length + 12);
}
