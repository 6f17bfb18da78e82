import { describe, expect, test } from "vitest";
import {
  APPROVAL,
  approved,
  AUTOMATIC,
  DORA,
  ended,
  environmentOf,
  live,
  MINUTE,
  modelOf,
  newId,
  NOTHING,
  offered,
  OLAF,
  person,
  PETRA,
  rechecked,
  requested,
  sha,
  started,
  stateOf,
} from "./model.ts";

const TWO = 'approval: { from: ["@product-owners"], count: 2, expires: 2h }';

describe("awaiting approval", () => {
  test("enough yeses queue it, and a recheck starts it", () => {
    const model = modelOf();
    const { id } = offered(1);
    model.must({ ...offered(1), id });
    expect(model.state(id)).toBe("awaiting_approval");
    expect(model.must(approved(model, id)).answer).toBe("Deploying to production. The card shows how it goes.");
    expect(model.state(id)).toBe("queued");
    model.must(rechecked(model));
    expect(model.state(id)).toBe("executing");
    expect(model.effects.map((effect) => effect.kind)).toEqual(["drive"]);
  });

  test("of two needed yeses one is not enough, and the same person counts once", () => {
    const model = modelOf(environmentOf([TWO]));
    const { id } = model.must(requested(1)).changes.flatMap((change) => (change.kind === "insert" ? [change.deployment] : []))[0] ?? {
      id: newId(),
    };
    expect(model.must(approved(model, id)).answer).toBe("Your yes counts. One more is needed.");
    expect(model.refused(approved(model, id)).title).toBe("You said yes to #1 already.");
    expect(model.state(id)).toBe("awaiting_approval");
    model.must(approved(model, id, OLAF));
    expect(model.state(id)).toBe("queued");
  });

  test("the second presser is told who was first", () => {
    const model = modelOf();
    const command = requested(1);
    model.must(command);
    const late = approved(model, command.id, OLAF);
    model.must(approved(model, command.id));
    expect(model.refused(late).title).toBe("Not approved again: #1 is past that. upetra said yes first. It is approved and queued.");
  });

  test.each([
    [
      "its author",
      { changes: { ...NOTHING, authors: [{ name: "Petra", email: null, login: null, slackId: "UPETRA" }] } },
      "you wrote part of this",
    ],
    ["its requester", { standing: PETRA }, "you asked for this deployment"],
  ])("%s may not say yes, and hears who can", (_who, over, says) => {
    const model = modelOf();
    const command = requested(1, over);
    model.must(command);
    const refusal = model.refused(approved(model, command.id));
    expect(refusal.title).toContain(says);
    expect(refusal.who).toBe("Petra");
    expect(refusal.reasons[0]?.owner).toBe("a yes from @product-owners");
    expect(model.state(command.id)).toBe("awaiting_approval");
  });

  test("a click on a card that showed another plan is answered, not obeyed", () => {
    const model = modelOf();
    const command = requested(1);
    model.must(command);
    const refusal = model.refused({ ...approved(model, command.id), digest: "0000000000000000" });
    expect(refusal.title).toContain("has changed since this card was drawn");
    expect(model.snapshot.approvals).toEqual([]);
  });

  test("time over: it expires, and a late yes is refused", () => {
    const model = modelOf();
    const command = requested(1);
    model.must(command);
    model.pass(24 * 60 * MINUTE);
    expect(model.refused(approved(model, command.id)).title).toBe("Not deployed: the time to approve it is over.");
    model.must(rechecked(model));
    expect(model.state(command.id)).toBe("expired");
  });

  test("reject needs an approver and keeps the reason", () => {
    const model = modelOf();
    const command = requested(1);
    model.must(command);
    expect(model.refused({ kind: "reject", standing: DORA, deployment: command.id, reason: "no" }).title).toContain("Not rejected");
    model.must({ kind: "reject", standing: PETRA, deployment: command.id, reason: "not before the fair" });
    expect(stateOf(model, command.id, "rejected")).toMatchObject({ because: "not before the fair", by: PETRA.actor });
  });

  test("its requester may cancel it, a bystander may not", () => {
    const model = modelOf();
    const command = requested(1);
    model.must(command);
    expect(model.refused({ kind: "cancel", standing: person("UEVE"), deployment: command.id, thenRollBack: false }).title).toContain(
      "Not stopped",
    );
    model.must({ kind: "cancel", standing: DORA, deployment: command.id, thenRollBack: false });
    expect(model.state(command.id)).toBe("cancelled");
  });

  test("an override passes the rule, and is recorded as one", () => {
    const model = modelOf(environmentOf([TWO]));
    const command = requested(1);
    model.must(command);
    const operator = person("", { actor: { kind: "cli", user: "root" } });
    expect(model.refused(approved(model, command.id, operator)).title).toContain("may not approve from the command line");
    model.must({ ...approved(model, command.id, operator), override: "the shop is on fire" });
    model.must(rechecked(model));
    expect(model.state(command.id)).toBe("executing");
    expect(model.history.find((line) => line.kind === "override")?.body).toMatchObject({ reason: "the shop is on fire" });
  });
});

describe("an approval is void", () => {
  test("when what is live changes in between, since the plan is another one", () => {
    const model = modelOf();
    const waits = requested(2);
    model.must(waits);
    model.must({ kind: "lock", standing: OLAF, reason: "stand still", until: new Date(model.now.getTime() + 60 * MINUTE) });
    model.must(approved(model, waits.id));
    model.must(rechecked(model));
    expect(model.state(waits.id)).toBe("queued");
    model.must({ kind: "found_live", hosts: [{ host: "web-1.acme.test", revision: sha(1) }] });
    model.must(rechecked(model));
    expect(stateOf(model, waits.id, "awaiting_approval").voided).toBe("the plan changed after it was approved");
    model.must(approved(model, waits.id, OLAF));
    expect(model.state(waits.id)).toBe("queued");
  });

  test("when its approver may not approve any more", () => {
    const model = modelOf();
    const command = requested(1);
    model.must(command);
    model.must(approved(model, command.id));
    model.must(rechecked(model, { entitled: [] }));
    expect(stateOf(model, command.id, "awaiting_approval").voided).toBe("who approved it may not approve any more");
  });

  test("when it has waited longer than approvals count", () => {
    const model = modelOf();
    const command = requested(1);
    model.must(command);
    model.must({ kind: "lock", standing: OLAF, reason: "stand still", until: new Date(model.now.getTime() + 48 * 60 * MINUTE) });
    model.must(approved(model, command.id));
    model.pass(25 * 60 * MINUTE);
    model.must(rechecked(model));
    expect(stateOf(model, command.id, "awaiting_approval").voided).toBe("the approval is too old");
  });

  test("of two needed, one given before the plan changed does not count, and the card says so", () => {
    const model = modelOf(environmentOf([TWO]));
    const command = requested(2);
    model.must(command);
    model.must(approved(model, command.id));
    model.must({ kind: "found_live", hosts: [{ host: "web-1.acme.test", revision: sha(1) }] });
    model.must(rechecked(model));
    expect(stateOf(model, command.id, "awaiting_approval").voided).toBe("the plan changed after it was approved");
    expect(model.must(approved(model, command.id, OLAF)).answer).toBe("Your yes counts. One more is needed.");
  });

  test("what was queued while others were asked about waits for its own recheck", () => {
    const model = modelOf();
    const command = requested(1);
    model.must(command);
    model.must(approved(model, command.id));
    model.must(rechecked(model, { entitled: null, asked: [] }));
    expect(model.state(command.id)).toBe("queued");
    model.must(rechecked(model));
    expect(model.state(command.id)).toBe("executing");
  });

  test("what the provider no longer vouches for is cancelled, with its words", () => {
    const model = modelOf();
    const command = requested(1);
    model.must(command);
    model.must(approved(model, command.id));
    model.must(rechecked(model, { unfit: { [sha(1)]: "it is not on main" } }));
    expect(stateOf(model, command.id, "cancelled").because).toBe("it is not on main");
  });
});

describe("a newer candidate", () => {
  test("replaces one that nobody looked at", () => {
    const model = modelOf();
    const [old, newer] = [offered(1), offered(2)];
    model.must(old);
    model.must(newer);
    expect(model.state(old.id)).toBe("superseded");
    expect(model.state(newer.id)).toBe("awaiting_approval");
  });

  test("leaves one that somebody approved or validated", () => {
    const model = modelOf(environmentOf([TWO]));
    const [old, newer] = [offered(1), offered(2)];
    model.must(old);
    model.must(approved(model, old.id));
    model.must(newer);
    expect(model.state(old.id)).toBe("awaiting_approval");
    const validated = modelOf(environmentOf(["after: { environment: staging }", "needs: validation", APPROVAL]));
    validated.must(old);
    validated.snapshot = {
      ...validated.snapshot,
      validations: [
        {
          environmentId: validated.snapshot.environment.id,
          revision: sha(1),
          actor: PETRA.actor,
          verdict: "looks_good",
          reason: null,
          at: validated.now,
        },
      ],
    };
    validated.must(newer);
    expect(validated.state(old.id)).toBe("awaiting_approval");
  });

  test("that is older than what is on its way is recorded, not offered", () => {
    const model = modelOf();
    model.must(offered(2));
    const late = offered(1);
    model.must(late);
    expect(model.snapshot.open.map((deployment) => deployment.revision)).toEqual([sha(2)]);
    expect(model.history.at(-1)?.body).toMatchObject({ notOffered: "#1 is newer" });
    expect(model.must(late).changes).toEqual([]);
  });

  test("replaces a queued automatic one, never an executing one", () => {
    const model = modelOf(environmentOf([AUTOMATIC]));
    const running = offered(1);
    model.must(running);
    model.must(rechecked(model));
    const [second, third] = [offered(2), offered(3)];
    model.must(second);
    model.must(rechecked(model));
    model.must(third);
    model.must(rechecked(model));
    expect([running, second, third].map((command) => model.state(command.id))).toEqual(["executing", "superseded", "queued"]);
    model.must(ended(running.id));
    model.must(rechecked(model));
    expect(model.state(third.id)).toBe("executing");
  });

  test("that contains what was rolled back is not offered", () => {
    const model = modelOf();
    model.must(offered(2, { containsBlocked: sha(1) }));
    expect(model.snapshot.open).toEqual([]);
  });
});

describe("asking for a version", () => {
  test("that is live already, or on its way, is refused with the reason", () => {
    const model = modelOf(environmentOf([AUTOMATIC]));
    live(model, 1);
    expect(model.refused(requested(1)).reasons[0]?.text).toBe("This version is live there already.");
    started(model, 2);
    expect(model.refused(requested(2)).title).toContain("Not asked twice: #2");
  });

  test("that misses something names every reason", () => {
    const model = modelOf();
    const missing = ["Stage unit failed.", "Stage build waits."].map((text) => ({
      rule: "requirements" as const,
      text,
      owner: null,
      liftsAt: null,
    }));
    const refusal = model.refused(requested(1, { missing, containsBlocked: sha(9) }));
    expect(refusal.reasons.map((reason) => reason.text)).toEqual([
      "Stage unit failed.",
      "Stage build waits.",
      "It contains 0000000, which was rolled back here.",
    ]);
  });
});
