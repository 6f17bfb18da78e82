import { expect, test } from "vitest";
import { undoHere } from "../../../src/engine/undo.ts";
import type { Step } from "../../support/django-project.ts";
import { whyNoDjango } from "../../support/django-project.ts";
import { allowed, approve, asked, back, found, openDjangoWorld, released } from "../../support/django-world.ts";
import { settled } from "../../support/engine-world.ts";
import { whyNoSshd } from "../../support/sshd.ts";

const missing = whyNoSshd() ?? whyNoDjango();
const ID = "id = models.BigAutoField(primary_key=True)";
const NOTE = 'note = models.CharField(max_length=20, default="")';
const TOTAL = "total = models.IntegerField(null=True)";

const first: Step = {
  fields: [ID, NOTE],
  migration: "0001_initial",
  operations: `        migrations.CreateModel(name="Order", fields=[("id", models.BigAutoField(primary_key=True)), ("note", models.CharField(max_length=20, default=""))]),`,
};
const additive: Step = {
  fields: [ID, NOTE, TOTAL],
  migration: "0002_order_total",
  operations: `        migrations.AddField(model_name="order", name="total", field=models.IntegerField(null=True)),`,
};
const lossy: Step = {
  fields: [ID, TOTAL],
  migration: "0003_remove_order_note",
  operations: `        migrations.RemoveField(model_name="order", name="note"),`,
};
const irreversible: Step = {
  fields: [ID],
  migration: "0004_forget_totals",
  operations: `        migrations.RemoveField(model_name="order", name="total"),
        migrations.RunPython(forwards),`,
  code: "\ndef forwards(apps, schema_editor):\n    pass\n",
};

test.skipIf(missing !== null)(
  `additive, lossy and irreversible migrations of a real Django, and the way back from each${missing === null ? "" : ` (skipped: ${missing})`}`,
  { timeout: 600_000 },
  async () => {
    await using world = await openDjangoWorld([first, additive, lossy, irreversible]);
    const { bot } = world;
    const [one, two, three, four] = world.revisions;

    // Additive: its file says so, Django says so, and it goes back by code alone.
    const adds = await asked(world, 2);
    expect(adds.plan.migrations).toEqual([{ name: "orders.0002_order_total", class: "additive" }]);
    await approve(world, adds.id);
    await settled(bot.engine, adds.id, "succeeded_unverified");
    expect(await world.serving()).toBe(two);
    expect((await found(bot.engine, adds.id)).changes.migrations).toMatchObject({
      applied: ["orders.0002_order_total"],
      leaves: { orders: "0001_initial" },
      source: "web-1",
    });
    expect(world.backups()).toBe(0);
    expect((await undoHere(bot.engine, await found(bot.engine, adds.id))).kind).toBe("yes");
    const addsBack = await back(world, adds.id, false);
    await settled(bot.engine, addsBack.id, "succeeded_unverified");
    expect(await world.serving()).toBe(one);
    expect(world.columns()).toContain("total");

    // Lossy, and nobody could read it before: it stops, the earlier code lies where it lay, and the yes is void.
    world.readable = false;
    const removes = await asked(world, 3);
    expect(removes.plan.migrations).toBeNull();
    await approve(world, removes.id);
    const again = await settled(bot.engine, removes.id, "awaiting_approval");
    expect(again.state).toMatchObject({ voided: expect.stringContaining("orders.0003_remove_order_note (destructive)") });
    expect(again.plan.migrations).toEqual([{ name: "orders.0003_remove_order_note", class: "destructive" }]);
    await released(world, removes.id);
    expect(world.head()).toBe(one);
    expect(await world.serving()).toBe(one);
    expect(world.columns()).toContain("note");
    await approve(world, removes.id);
    await settled(bot.engine, removes.id, "succeeded_unverified");
    expect(await world.serving()).toBe(three);
    expect(world.columns()).not.toContain("note");
    expect(world.backups()).toBe(1);
    const codeOnly = await back(world, removes.id, false);
    expect(codeOnly).toMatchObject({ ok: false, refusal: { reasons: [{ text: expect.stringContaining("field note of order") }] } });
    const withSchema = await back(world, removes.id, true);
    await settled(bot.engine, withSchema.id, "succeeded_unverified");
    expect(await world.serving()).toBe(one);
    expect(world.columns()).toContain("note");
    expect(world.applied()).toEqual(["0001_initial", "0002_order_total"]);

    // Irreversible: shown as such, saved before, and refused on the way back with what to do by hand.
    world.readable = true;
    const forgets = await asked(world, 4);
    expect(forgets.plan.migrations?.map((migration) => migration.class)).toEqual(["additive", "destructive", "irreversible"]);
    await approve(world, forgets.id);
    await settled(bot.engine, forgets.id, "succeeded_unverified");
    expect(await world.serving()).toBe(four);
    expect(world.backups()).toBe(2);
    for (const schema of [false, true]) {
      const refused = await back(world, forgets.id, schema);
      expect(refused).toMatchObject({ ok: false, refusal: { change: expect.stringContaining("orders.0004_forget_totals") } });
    }
    expect(await world.serving()).toBe(four);
    expect(world.applied()).toEqual(["0001_initial", "0002_order_total", "0003_remove_order_note", "0004_forget_totals"]);
    expect(bot.faults).toEqual([]);
  },
);

/** Dies with everything around it when it is run for the first time; its way back fails, always. */
const troubled: Step = {
  fields: [ID],
  migration: "0002_troubled",
  operations: `        migrations.RemoveField(model_name="order", name="note"),
        migrations.RunPython(forwards, backwards),`,
  code: `import os, signal

def forwards(apps, schema_editor):
    if not os.path.exists("../once"):
        open("../once", "w").close()
        os.killpg(os.getpgrp(), signal.SIGKILL)

def backwards(apps, schema_editor):
    raise RuntimeError("no way back")
`,
};
const after: Step = { ...additive, fields: [ID, TOTAL], migration: "0003_order_total" };

test.skipIf(missing !== null)(
  `a real Django whose migration is lost, and one that goes back half-way${missing === null ? "" : ` (skipped: ${missing})`}`,
  { timeout: 600_000 },
  async () => {
    await using world = await openDjangoWorld([first, troubled, after]);
    const { bot } = world;
    const three = world.revisions[2];

    // Nobody learns how it ended: what is applied is read before a person is asked.
    const lost = await asked(world, 3);
    await approve(world, lost.id);
    expect((await settled(bot.engine, lost.id, "needs_attention")).state).toMatchObject({
      because: expect.stringContaining("orders.0002_troubled is not applied, orders.0003_order_total is not applied."),
    });
    expect((await undoHere(bot.engine, await found(bot.engine, lost.id))).kind).toBe("yes");
    await settled(bot.engine, (await back(world, lost.id, false)).id, "succeeded_unverified");
    await allowed(world, lost.id);
    const again = await asked(world, 3);
    await approve(world, again.id);
    await settled(bot.engine, again.id, "succeeded_unverified");
    expect(await world.serving()).toBe(three);

    // Half-way: the later one is undone, the earlier one is not, and that is what is said.
    const halfWay = await back(world, again.id, true);
    expect(halfWay).toMatchObject({ ok: true });
    expect((await settled(bot.engine, halfWay.id, "needs_attention")).state).toMatchObject({
      because: expect.stringContaining("Undone: orders.0003_order_total. Not undone: orders.0002_troubled."),
    });
    expect(world.applied()).toEqual(["0001_initial", "0002_troubled"]);
    expect(world.columns()).toEqual(["id"]);
    expect(world.head()).toBe(three);
    expect((await found(bot.engine, halfWay.id)).changes.migrations?.undone).toEqual(["orders.0003_order_total"]);
    expect(bot.faults).toEqual([]);
  },
);
