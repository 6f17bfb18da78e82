import { z } from "zod";
import type { PersonRef } from "../domain/config.ts";
import type { RosterAnswer } from "../domain/duty.ts";

/** Nobody has so many people on duty at once; each of them is asked for at Slack. */
const MOST_PEOPLE = 20;

const SlackId = z
  .string()
  .regex(/^[UW][A-Z0-9]{2,20}$/)
  .transform((id): PersonRef => ({ kind: "id", id }));
const Email = z
  .string()
  .max(254)
  .regex(/^[^\s@<>|"]+@[^\s@<>|"]+\.[^\s@<>|"]+$/)
  .transform((email): PersonRef => ({ kind: "email", email: email.toLowerCase() }));
/** Whoever is named in two ways could be two people: one way each. A group is none: that belongs into the configuration. */
const Person = z.union([
  SlackId,
  Email,
  z.strictObject({ slack: SlackId }).transform(({ slack }) => slack),
  z.strictObject({ email: Email }).transform(({ email }) => email),
]);
const People = z.array(Person).max(MOST_PEOPLE);
const Answer = z.union([People, z.strictObject({ on_call: People }).transform(({ on_call: people }) => people)]);

/** What the body of an answer says; what is not exactly this says nothing. Its words are never repeated: they are foreign. */
export function answerOf(body: string): RosterAnswer {
  const parsed = Answer.safeParse(jsonOf(body));
  if (parsed.success) return { kind: "read", people: parsed.data };
  return { kind: "unreadable", because: 'its answer is not `{"on_call": [{"slack": "U0123ABCD"}, {"email": "bob@acme.test"}]}`' };
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
