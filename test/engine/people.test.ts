import { expect, test } from "vitest";
import type { ConnectionKind } from "../../src/domain/config.ts";
import type { Author } from "../../src/domain/people.ts";
import { withPeople } from "../../src/engine/people.ts";
import { openDesk } from "../support/engine-desk.ts";
import { NO_CHANGES } from "../support/engine-far-side.ts";

test("a login is somebody's at one provider only", async () => {
  await using desk = await openDesk();
  const { engine } = await desk.open("one");
  const people = [
    { slackId: "UANN", emails: [], github: "ann", gitlab: null },
    { slackId: "UEVE", emails: [], github: null, gitlab: "ann" },
  ];
  const ann: Author = { name: "Ann", email: null, login: "ann", slackId: null };
  async function knownAt(kind: ConnectionKind): Promise<readonly (string | null)[]> {
    const app = { repository: { kind, connection: "default", path: "acme/shop" } };
    const told = await withPeople({ ...engine, config: { ...engine.config, people } }, app, { ...NO_CHANGES, authors: [ann] }, null);
    return told.authors.map(({ slackId }) => slackId);
  }
  expect(await knownAt("github")).toEqual(["UANN"]);
  expect(await knownAt("gitlab")).toEqual(["UEVE"]);
});
