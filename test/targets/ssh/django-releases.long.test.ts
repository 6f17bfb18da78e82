import { expect, test } from "vitest";
import type { Step } from "../../support/django-project.ts";
import { whyNoDjango } from "../../support/django-project.ts";
import { approve, asked, back, openDjangoWorld, released } from "../../support/django-world.ts";
import { settled } from "../../support/engine-world.ts";
import { whyNoSshd } from "../../support/sshd.ts";

const missing = whyNoSshd() ?? whyNoDjango();

const ID = "id = models.BigAutoField(primary_key=True)";
const NOTE = 'note = models.CharField(max_length=20, default="")';

const first: Step = {
  fields: [ID, NOTE],
  migration: "0001_initial",
  operations: `        migrations.CreateModel(name="Order", fields=[("id", models.BigAutoField(primary_key=True)), ("note", models.CharField(max_length=20, default=""))]),`,
};
const additive: Step = {
  fields: [ID, NOTE, "total = models.IntegerField(null=True)"],
  migration: "0002_order_total",
  operations: `        migrations.AddField(model_name="order", name="total", field=models.IntegerField(null=True)),`,
};
const lossy: Step = {
  fields: [ID, "total = models.IntegerField(null=True)"],
  migration: "0003_remove_order_note",
  operations: `        migrations.RemoveField(model_name="order", name="note"),`,
};

test(
  "a real Django in releases is migrated in the new code, and taken back with its schema by the code that knows it",
  { timeout: 600_000 },
  async (context) => {
    if (missing !== null) context.skip(missing);
    await using world = await openDjangoWorld([first, additive, lossy], "releases");
    const { bot } = world;
    const [, two, three] = world.revisions;

    const adds = await asked(world, 2);
    await approve(world, adds.id);
    await settled(bot.engine, adds.id, "succeeded_unverified");
    expect([world.head(), await world.serving()]).toEqual([two, two]);
    await released(world, adds.id);

    // Nobody could read it before: it stops before anything is switched, and what is live needs no putting back.
    world.readable = false;
    const removes = await asked(world, 3);
    await approve(world, removes.id);
    await settled(bot.engine, removes.id, "awaiting_approval");
    await released(world, removes.id);
    expect([world.head(), await world.serving()]).toEqual([two, two]);
    expect(world.columns()).toContain("note");
    await approve(world, removes.id);
    await settled(bot.engine, removes.id, "succeeded_unverified");
    expect([world.head(), await world.serving()]).toEqual([three, three]);
    expect(world.columns()).not.toContain("note");
    await released(world, removes.id);

    const withSchema = await back(world, removes.id, true);
    await settled(bot.engine, withSchema.id, "succeeded_unverified");
    expect([world.head(), await world.serving()]).toEqual([two, two]);
    expect(world.columns()).toContain("note");
    expect(world.applied()).toEqual(["0001_initial", "0002_order_total"]);
    expect(bot.faults).toEqual([]);
  },
);
