import type { Deployment } from "../deployment.ts";
import { liveRevision, type CommandOf, type Effect, type Snapshot } from "../environment.ts";
import type { LookedAt } from "../standing.ts";
import type { Sha } from "../ids.ts";
import { actorKey, actorName, type Author } from "../people.ts";
import { authorize, whatLetsIn } from "../authorize.ts";
import { validated, wordsFor } from "../validation.ts";
import { decision, entry, note, refused, type Outcome } from "./decision.ts";

/** A person's "looks good" for a revision here; environments that come after this one may require it. */
export function validate(snapshot: Snapshot, command: CommandOf<"validate">, now: Date): Outcome {
  const seen = subject(snapshot, command.lookedAt);
  if ("refusal" in seen) return refused(seen.refusal, [], { change: seen.change });
  const { revision, deployment, authors } = seen;
  const { actor } = command.standing;
  const own = actor.kind === "slack" && authors.some((author) => author.slackId === actor.id);
  const may = own
    ? "you wrote part of this. Somebody else has to look at it."
    : authorize("validate", command.standing, snapshot.environment, deployment);
  if (may !== null) return refused(`Not recorded: ${may}`, [], { change: whatLetsIn(may, snapshot.environment) });
  const { environment } = snapshot;
  const answer = `Recorded: ${revision.slice(0, 7)} looks good on ${environment.name}.`;
  const words = snapshot.words ?? (environment.after === null ? snapshot.validations : []);
  const before = validated(wordsFor(words, revision, ranHere(snapshot)), revision);
  // Pressed twice: it stands already, and nobody said anything else since.
  if (before.kind === "looks_good" && before.by.some((word) => actorKey(word.actor) === actorKey(actor))) return decision({ answer });
  const validation = { environmentId: environment.id, revision, actor, verdict: "looks_good" as const, reason: null, at: now };
  return decision({
    changes: [{ kind: "validate", validation }],
    effects: [
      { kind: "reconsider" },
      ...said(
        deployment,
        `validated:${actorKey(actor)}:${revision}:${now.getTime()}`,
        `${actorName(actor)} says: looks good on ${environment.name}.`,
      ),
    ],
    history: [entry("validated", deployment, actor, { revision })],
    answer,
  });
}

/** A person's "not yet": it holds the revision back, and its authors read why. An author may say it of their own work. */
export function notYet(snapshot: Snapshot, command: CommandOf<"not_yet">, now: Date): Outcome {
  const seen = subject(snapshot, command.lookedAt);
  if ("refusal" in seen) return refused(seen.refusal, [], { change: seen.change });
  const { revision, deployment, authors } = seen;
  const may = authorize("not_yet", command.standing, snapshot.environment, deployment);
  if (may !== null) return refused(`Not recorded: ${may}`, [], { change: whatLetsIn(may, snapshot.environment) });
  const { environment } = snapshot;
  const { actor } = command.standing;
  const reason = command.reason.trim() === "" ? "no reason given" : command.reason.trim();
  const validation = { environmentId: environment.id, revision, actor, verdict: "not_yet" as const, reason, at: now };
  const mention = authors.flatMap(({ slackId }) => (slackId === null || (actor.kind === "slack" && actor.id === slackId) ? [] : [slackId]));
  const told = said(
    deployment,
    `not_yet:${actorKey(actor)}:${revision}:${now.getTime()}`,
    `${actorName(actor)} says not yet on ${environment.name}: ${reason}`,
    mention,
  );
  return decision({
    changes: [{ kind: "validate", validation }],
    effects: [{ kind: "reconsider" }, ...told],
    history: [entry("not_yet", deployment, actor, { revision, reason })],
    answer: `Recorded: ${revision.slice(0, 7)} goes no further than ${environment.name}${mention.length === 0 ? "" : ", and its authors read why"}. Press Looks good when that has changed.`,
  });
}

function ranHere({ open, past }: Snapshot): Parameters<typeof wordsFor>[2] {
  return [...open, ...past].flatMap(({ revision, liveAt, plan: { companions } }) =>
    liveAt === null ? [] : [{ revision, liveAt, ...(companions === undefined ? {} : { companions }) }],
  );
}

type Subject =
  | { readonly revision: Sha; readonly deployment: Deployment | null; readonly authors: readonly Author[] }
  | { readonly refusal: string; readonly change: string | null };

/** What is live now on all servers; of an older card only for whoever gave a word on it while it was. */
function subject(snapshot: Snapshot, lookedAt: LookedAt | undefined): Subject {
  const { environment } = snapshot;
  const live = liveRevision(snapshot);
  const unknown = live === null || snapshot.mixed;
  const wanted = lookedAt?.revision ?? null;
  if (wanted === null && unknown)
    return { refusal: `Not recorded: what is live on ${environment.name} is not known for all servers.`, change: null };
  const revision = wanted ?? live?.revision;
  if (revision === undefined || (wanted !== null && lookedAt?.before !== true && (unknown || live.revision !== wanted))) {
    const now = unknown ? "its servers differ" : `it runs ${live.revision.slice(0, 7)} now`;
    return {
      refusal: `Not recorded: ${environment.name} does not run ${(wanted ?? "it").slice(0, 7)} any more, ${now}.`,
      change: "Look at what is live there, on its own card.",
    };
  }
  const deployment = [...snapshot.open, ...snapshot.past]
    .filter((one) => one.revision === revision && one.liveAt !== null)
    .toSorted((a, b) => b.number - a.number)[0];
  const authors = [...(lookedAt?.authors ?? []), ...(deployment?.changes.authors ?? [])];
  const known = new Map(authors.map((author) => [author.slackId ?? author.email ?? author.name, author]));
  return { revision, deployment: deployment ?? null, authors: [...known.values()] };
}

function said(deployment: Deployment | null, key: string, text: string, mention: readonly string[] = []): readonly Effect[] {
  return deployment === null ? [] : [note(deployment, key, text, { mention })];
}
