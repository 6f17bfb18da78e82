/** Who did it. Slack people are ids of our own team; `cli` is the operator on the bot's machine; `greenlight` acts by rule. */
export type Actor =
  | {
      readonly kind: "slack";
      readonly id: string;
      readonly name: string;
      /** Whose right it was: they delegated it. Absent: their own. */
      readonly for?: { readonly id: string; readonly name: string };
    }
  | { readonly kind: "cli"; readonly user: string }
  | { readonly kind: "greenlight"; readonly because: string };

/** A person as the providers know him. `slackId` null: nobody of our workspace has that e-mail or login. */
export type Author = {
  readonly name: string;
  readonly email: string | null;
  readonly login: string | null;
  readonly slackId: string | null;
};

/** One entry per login, or else per e-mail, or else per name. */
export function distinctAuthors(authors: readonly Author[]): readonly Author[] {
  const known = new Map<string, Author>();
  for (const author of authors) {
    const key = (author.login ?? author.email ?? author.name).toLowerCase();
    if (!known.has(key)) known.set(key, author);
  }
  return [...known.values()];
}

/** One identity string per actor, for "the same person cannot count twice". */
export function actorKey(actor: Actor): string {
  switch (actor.kind) {
    case "slack":
      return `slack:${actor.id}`;
    case "cli":
      return `cli:${actor.user}`;
    case "greenlight":
      return "greenlight";
    default:
      return actor satisfies never;
  }
}

/** Whose right was used: one person's yes and their stand-in's are one yes. */
export function rightKey(actor: Actor): string {
  return actor.kind === "slack" && actor.for !== undefined ? `slack:${actor.for.id}` : actorKey(actor);
}

/** How the actor is called in sentences: a stand-in is "Bea for Ann". */
export function actorName(actor: Actor): string {
  switch (actor.kind) {
    case "slack":
      return actor.for === undefined ? actor.name : `${actor.name} for ${actor.for.name}`;
    case "cli":
      return `${actor.user} (command line)`;
    case "greenlight":
      return "Greenlight";
    default:
      return actor satisfies never;
  }
}
