import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { deploymentById } from "../../src/db/deployments.ts";
import { loadApprovals } from "../../src/db/snapshot.ts";
import { verifyHistory } from "../../src/db/history.ts";
import { digestOf } from "../../src/domain/digest.ts";
import { parseSha, type DeploymentId, type Sha } from "../../src/domain/ids.ts";
import type { Answer, Intent } from "../../src/domain/intent.ts";
import { act } from "../../src/engine/act.ts";
import { apply } from "../../src/engine/apply.ts";
import { approversOf } from "../../src/engine/approvers.ts";
import { deploymentCard } from "../../src/engine/card-model.ts";
import { carryOut, takeClick } from "../../src/engine/clicks.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { laterOf } from "../../src/engine/later-of.ts";
import { recheck } from "../../src/engine/recheck.ts";
import { statusRows } from "../../src/engine/status.ts";
import { openDesk, type Desk } from "../support/engine-desk.ts";
import type { Replica } from "../support/engine-replica.ts";
import { PRODUCTION, request, standingOf } from "../support/engine-world.ts";

const HOUR = 3_600_000;
let desk: Desk;
let revisions = 0;

beforeAll(async () => void (desk = await openDesk()));
afterAll(() => desk[Symbol.asyncDispose]());

async function opened(replica: string, approval: string, more = ""): Promise<Replica> {
  const config = desk.settings.config.replace(/approval: .*/u, `approval: ${approval}${more === "" ? "" : `\n        ${more}`}`);
  return desk.open(replica, { config });
}

function nextRevision(): Sha {
  revisions += 1;
  const revision = parseSha(revisions.toString(16).padStart(40, "d"));
  if (revision === null) throw new Error("a revision of a test is none");
  return revision;
}

async function said(engine: Engine, who: string, intent: Intent): Promise<string> {
  const person = await engine.directory.person(who);
  const actor = { kind: "slack", id: who, name: who } as const;
  const answer: Answer = await act(engine, intent, { actor, person, ours: person?.team === "TACME" }, async () => undefined);
  return answer.kind === "done" ? answer.text : answer.kind === "refused" ? answer.refusal.title : answer.kind;
}

async function pressOf(engine: Engine, id: DeploymentId) {
  const deployment = await deploymentById(engine.db, id);
  if (deployment === null) throw new Error(`no deployment ${id}`);
  const { revision, environmentId, planHash, counter } = deployment;
  return { deployment: id, counter, digest: digestOf({ revision, environment: environmentId, planHash }) };
}

async function yes(engine: Engine, who: string, id: DeploymentId): Promise<string> {
  return said(engine, who, { kind: "approve", ...(await pressOf(engine, id)) });
}

async function stateOf(engine: Engine, id: DeploymentId): Promise<string | undefined> {
  return (await deploymentById(engine.db, id))?.state.state;
}

async function over(engine: Engine, id: DeploymentId): Promise<void> {
  const state = await stateOf(engine, id);
  if (state === "executing")
    await apply(engine, PRODUCTION, {
      kind: "steps_ended",
      deployment: id,
      outcome: { kind: "failed", because: "the test is over.", switched: [] },
      id: engine.newId() as DeploymentId,
    });
  else await apply(engine, PRODUCTION, { kind: "cancel", standing: standingOf("UPETRA"), deployment: id, thenRollBack: false });
}

async function deactivated(who: string) {
  return { id: who, name: who, team: "TACME", guest: false, bot: false, deleted: true, timezone: "UTC" };
}

async function unanswered() {
  return { ids: [], unreadable: ["@product-owners could not be read from Slack (request_timeout)"], away: true };
}

function away(): Promise<never> {
  return Promise.reject(new Error("Slack is away"));
}

function from(team: string, guest: boolean) {
  return { team, guest, bot: false, deleted: false, timezone: "UTC" };
}

describe("a delegation", () => {
  let replica: Replica;
  let engine: Engine;
  let id: DeploymentId;
  beforeAll(async () => {
    replica = await opened("delegating", '{ from: ["@product-owners"], count: 1 }');
    ({ engine } = replica);
    replica.far.groups.set("@product-owners", ["UPETRA", "UOLAF"]);
  });
  beforeEach(async () => void (id = await request(engine, nextRevision())));

  test("counts, is shown, starts the deployment, and ends when it is taken back", async () => {
    expect(await yes(engine, "UBEA", id)).toContain("you may not approve this");
    expect(await said(engine, "UPETRA", { kind: "delegate", app: "shop", to: "UBEA", untilMs: Date.now() + 48 * HOUR })).toContain(
      "UBEA may say yes",
    );
    expect((await deploymentCard(engine, id))?.approvers.standIns).toMatchObject([{ name: "UBEA", for: "UPETRA" }]);
    expect(await statusRows(engine, null)).toMatchObject([{ standIns: [{ name: "UBEA", for: "UPETRA" }] }]);
    expect(await said(engine, "UBEA", { kind: "delegate", app: "shop", to: "UEVE", untilMs: null })).toContain("only approvers");
    expect(await yes(engine, "UBEA", id)).toMatch(/^Deploying/u);
    expect((await loadApprovals(engine.db, [id]))[0]?.actor).toMatchObject({ id: "UBEA", for: { id: "UPETRA" } });
    await recheck(engine, PRODUCTION);
    expect(await stateOf(engine, id)).toBe("executing");
    await over(engine, id);
    expect(await said(engine, "UPETRA", { kind: "undelegate", app: "shop", to: "UBEA" })).toContain("does not decide for you any more");
    expect(await said(engine, "UPETRA", { kind: "undelegate", app: "shop", to: "UBEA" })).toContain("Nothing to take back");
    const next = await request(engine, nextRevision());
    expect(await yes(engine, "UBEA", next)).toContain("you may not approve this");
    await over(engine, next);
    expect((await verifyHistory(engine.db, engine.historyKey)).faults).toEqual([]);
  });

  test("taken back, or of who left the group, voids a yes that has started nothing yet", async () => {
    for (const undo of ["undelegate", "leave"] as const) {
      await said(engine, "UPETRA", { kind: "delegate", app: "shop", to: "UBEA", untilMs: null });
      expect(await yes(engine, "UBEA", id)).toMatch(/^Deploying/u);
      if (undo === "undelegate") await said(engine, "UPETRA", { kind: "undelegate", app: "shop", to: "UBEA" });
      else replica.far.groups.set("@product-owners", ["UOLAF"]);
      await recheck(engine, PRODUCTION);
      expect((await deploymentById(engine.db, id))?.state).toMatchObject({
        state: "awaiting_approval",
        voided: "who approved it may not approve any more",
      });
      replica.far.groups.set("@product-owners", ["UPETRA", "UOLAF"]);
      await over(engine, id);
      id = await request(engine, nextRevision());
    }
    await over(engine, id);
  });

  test("that has run out gives nothing more", async () => {
    const tomorrow: Engine = { ...engine, clock: () => new Date(Date.now() + 2 * HOUR) };
    await said(engine, "UPETRA", { kind: "delegate", app: "shop", to: "UBEA", untilMs: Date.now() + HOUR });
    expect(await yes(tomorrow, "UBEA", id)).toContain("you may not approve this");
    await over(engine, id);
  });
});

describe("who may, when it starts", () => {
  let replica: Replica;
  let engine: Engine;
  let id: DeploymentId;
  beforeAll(async () => {
    replica = await opened(
      "starting",
      '{ from: ["@product-owners"], count: 1, override: { from: ["@on-call"] } }',
      "allow: { guests: true, teams: [{ id: TPARTNER, name: Acme Partner }] }",
    );
    ({ engine } = replica);
  });
  beforeEach(async () => {
    replica.far.groups.set("@product-owners", ["UPETRA"]);
    replica.far.groups.set("@on-call", ["UOSCAR"]);
    id = await request(engine, nextRevision());
  });

  test("is asked anew: an empty group is nobody", async () => {
    await yes(engine, "UPETRA", id);
    replica.far.groups.set("@product-owners", []);
    await recheck(engine, PRODUCTION);
    expect(await stateOf(engine, id)).toBe("awaiting_approval");
    expect((await deploymentCard(engine, id))?.approvers.left).toEqual([]);
    await over(engine, id);
  });

  test("whoever was deactivated meanwhile is nobody", async () => {
    await yes(engine, "UPETRA", id);
    await recheck({ ...engine, directory: { ...engine.directory, person: deactivated } }, PRODUCTION);
    expect(await stateOf(engine, id)).toBe("awaiting_approval");
    await over(engine, id);
  });

  test("a Slack that is away voids no yes and starts nothing by it; when it is back, it starts", async () => {
    await yes(engine, "UPETRA", id);
    await recheck({ ...engine, directory: { ...engine.directory, resolve: unanswered } }, PRODUCTION);
    expect(await stateOf(engine, id)).toBe("queued");
    expect((await deploymentCard(engine, id))?.queue?.blockers).toMatchObject([
      { rule: "people", lifts: expect.stringContaining("Slack") },
    ]);
    await recheck({ ...engine, directory: { ...engine.directory, person: away } }, PRODUCTION);
    expect(await stateOf(engine, id)).toBe("queued");
    await recheck(engine, PRODUCTION);
    expect(await stateOf(engine, id)).toBe("executing");
    await over(engine, id);
  });

  test("the glass is broken by whom it names, and by nobody else", async () => {
    const override = async (who: string) =>
      said(engine, who, { kind: "override", reason: "the shop is down", ...(await pressOf(engine, id)) });
    expect(await override("UPETRA")).toContain("Not overridden");
    expect(await override("UOSCAR")).toMatch(/^Deploying/u);
    expect((await deploymentCard(engine, id))?.approvals).toMatchObject([{ override: "the shop is down" }]);
    await recheck(engine, PRODUCTION);
    expect(await stateOf(engine, id)).toBe("executing");
    await over(engine, id);
  });

  test("people from outside act where they may, and are called by where they are from", async () => {
    replica.far.groups.set("@product-owners", ["UGUEST", "UPARTNER", "USTRANGER"]);
    const click = async (who: string, person: ReturnType<typeof from>) => {
      const press = { id: `${who}-${id}`, actor: { kind: "slack", id: who, name: who } as const, team: person.team };
      await takeClick(engine, { ...press, intent: { kind: "approve", ...(await pressOf(engine, id)) } });
      const answer = await carryOut(engine, press.id, { id: who, name: who, ...person });
      return answer.kind === "refused" ? answer.refusal.title : answer.kind;
    };
    expect(await click("USTRANGER", from("TOTHER", false))).toContain("you belong to another workspace");
    expect(await click("UPARTNER", from("TPARTNER", false))).toBe("done");
    expect((await loadApprovals(engine.db, [id]))[0]?.actor).toMatchObject({ name: "UPARTNER, Acme Partner" });
    await over(engine, id);
    id = await request(engine, nextRevision());
    expect(await click("UGUEST", from("TACME", true))).toBe("done");
    expect((await loadApprovals(engine.db, [id]))[0]?.actor).toMatchObject({ name: "UGUEST, guest" });
    await over(engine, id);
  });

  test("a rejection is taken back as a new deployment", async () => {
    await said(engine, "UPETRA", { kind: "reject", reason: "a slip", ...(await pressOf(engine, id)) });
    expect((await deploymentCard(engine, id))?.offerable).toBe(true);
    const offered = await said(engine, "UPETRA", { kind: "offer_again", ...(await pressOf(engine, id)) });
    expect(offered).toMatch(/^Offered again as #\d+/u);
    expect((await deploymentCard(engine, id))?.offerable).toBe(false);
    const again = await desk.database.pool.query<{ id: DeploymentId }>("select id from deployments where state = 'awaiting_approval'");
    expect(again.rows).toHaveLength(1);
    for (const row of again.rows) await over(engine, row.id);
  });

  test("a yes for later is kept with its time", async () => {
    const at = new Date(Date.now() + HOUR);
    await said(engine, "UPETRA", { kind: "approve", later: { kind: "at", at }, ...(await pressOf(engine, id)) });
    expect((await loadApprovals(engine.db, [id]))[0]?.notBefore).toEqual(at);
    await recheck(engine, PRODUCTION);
    expect((await deploymentById(engine.db, id))?.state).toMatchObject({ state: "queued", recheckAt: at });
    await recheck({ ...engine, clock: () => at }, PRODUCTION);
    expect(await stateOf(engine, id)).toBe("executing");
    await over(engine, id);
  });

  test("the form that asks when knows the next opening", async () => {
    expect(await laterOf(engine, id, "UPETRA")).toMatchObject({ app: "shop", environment: "production", opening: null });
    const until = new Date(Date.now() + HOUR);
    await apply(engine, PRODUCTION, { kind: "lock", standing: standingOf("UOLAF"), reason: "a demo", until });
    expect(await laterOf(engine, id, "UPETRA")).toMatchObject({ opening: until });
    await apply(engine, PRODUCTION, { kind: "unlock", standing: standingOf("UOLAF") });
    await over(engine, id);
  });
});

test("new members of a group wait: those of the first look do not, and who leaves begins anew", async () => {
  const replica = await opened("cooling", '{ from: ["@product-owners", "UEXTRA"], count: 1, cool_off: 24h }');
  const { engine, far } = replica;
  const environment = engine.config.apps[0]?.environments[0];
  if (environment === undefined) throw new Error("a configuration without an environment");
  let now = Date.now();
  const at: Engine = { ...engine, clock: () => new Date(now) };
  const look = async (members: readonly string[]) => {
    far.groups.set("@product-owners", members);
    const { ids, justJoined } = await approversOf(at, environment);
    return { ids: [...ids].toSorted(), waits: [...justJoined] };
  };
  expect(await look(["UPETRA"])).toEqual({ ids: ["UEXTRA", "UPETRA"], waits: [] });
  now += HOUR;
  expect(await look(["UPETRA", "UEVE", "UEXTRA"])).toEqual({ ids: ["UEXTRA", "UPETRA"], waits: [["UEVE", "@product-owners"]] });
  const id = await request(engine, nextRevision());
  expect(await yes(at, "UEVE", id)).toContain("you joined @product-owners only a short while ago");
  await over(engine, id);
  now += 24 * HOUR;
  expect((await look(["UPETRA", "UEVE"])).waits).toEqual([]);
  await look(["UPETRA"]);
  now += HOUR;
  expect((await look(["UPETRA", "UEVE"])).waits).toEqual([["UEVE", "@product-owners"]]);
  // Everybody left: whoever comes next is new, not found there.
  await look([]);
  now += HOUR;
  expect((await look(["UEVE"])).ids).toEqual(["UEXTRA"]);
});
