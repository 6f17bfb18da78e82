import type { App, ViewResponseAction } from "@slack/bolt";
import { describe, expect, test } from "vitest";
import { plain } from "./blocks.ts";
import { startBot } from "./bots.ts";
import { call, startSlack, type TestSlack } from "./world.ts";

const ann = { user: "U01ANN", channel: "C01DEPLOYS" };

function modal(title: string, more: object = {}): Record<string, unknown> {
  const input = {
    type: "input",
    block_id: "why",
    optional: true,
    label: plain("Why"),
    element: { type: "plain_text_input", action_id: "reason" },
  };
  const more1 = { type: "actions", block_id: "more", elements: [{ type: "button", action_id: "deeper", text: plain("Deeper") }] };
  return { type: "modal", callback_id: "m", title: plain(title), submit: plain("Go"), blocks: [input, more1], ...more };
}

/** A bot whose command opens "One" and whose button pushes one more; `listen` adds to it. */
async function withModal(
  slack: TestSlack,
  listen: (app: App) => void = () => {},
  more: object = {},
): Promise<{ pushes: Record<string, unknown>[] }> {
  const pushes: Record<string, unknown>[] = [];
  await startBot(slack, "socket", (app) => {
    app.command("/deploy", async ({ ack, body }) => {
      await ack();
      await call(slack.web, "views.open", { trigger_id: body.trigger_id, view: modal("One", more) });
    });
    app.action("deeper", async ({ ack, body }) => {
      await ack();
      if (body.type === "block_actions")
        pushes.push(await call(slack.web, "views.push", { trigger_id: body.trigger_id, view: modal("Next", more) }));
    });
    listen(app);
  });
  await slack.command({ ...ann, text: "/deploy" });
  await expect.poll(() => titles(slack)).toEqual(["One"]);
  return { pushes };
}

function stack(slack: TestSlack): Record<string, unknown>[] {
  return slack.state().views["U01ANN"] ?? [];
}

function titles(slack: TestSlack): unknown[] {
  return stack(slack).map((view) =>
    typeof view["title"] === "object" && view["title"] !== null && "text" in view["title"] ? view["title"].text : null,
  );
}

function top(slack: TestSlack): string {
  return String(stack(slack).at(-1)?.["id"]);
}

describe("a stack of modals", () => {
  test("holds three views", async () => {
    await using slack = await startSlack();
    const { pushes } = await withModal(slack);
    for (let depth = 2; depth <= 4; depth += 1) {
      await slack.click({ user: "U01ANN", view_id: top(slack), action_id: "deeper" });
      await expect.poll(() => pushes.length).toBe(depth - 1);
    }
    expect(pushes).toMatchObject([{ ok: true }, { ok: true }, { ok: false, error: "push_limit_reached" }]);
    expect(titles(slack)).toEqual(["One", "Next", "Next"]);
    const [root, second, third] = stack(slack);
    expect(third).toMatchObject({ root_view_id: root?.["id"], previous_view_id: second?.["id"] });
  });

  test("is left view by view, and whole by the X; the bot hears of it when it asked", async () => {
    await using slack = await startSlack();
    const closed: boolean[] = [];
    await withModal(
      slack,
      (app) => {
        app.view({ callback_id: "m", type: "view_closed" }, async ({ ack, body }) => {
          if ("is_cleared" in body) closed.push(body.is_cleared);
          await ack();
        });
      },
      { notify_on_close: true },
    );
    await slack.click({ user: "U01ANN", view_id: top(slack), action_id: "deeper" });
    await expect.poll(() => stack(slack).length).toBe(2);
    await slack.closeView({ user: "U01ANN", view_id: top(slack) });
    expect(titles(slack)).toEqual(["One"]);
    await slack.closeView({ user: "U01ANN", view_id: top(slack), all: true });
    expect([titles(slack), closed]).toEqual([[], [false, true]]);
  });

  test("follows the ack: update, push, clear, and refuses a view that is wrong", async () => {
    await using slack = await startSlack();
    const answers: Record<string, unknown>[] = [
      { response_action: "update", view: modal("Updated") },
      { response_action: "push", view: modal("Pushed") },
      { response_action: "update", view: modal("x".repeat(25)) },
      { response_action: "explode" },
      { response_action: "clear" },
    ];
    const seen: unknown[] = [];
    await withModal(slack, (app) => {
      app.view("m", async ({ ack, view }) => {
        seen.push(view.state.values["why"]?.["reason"]?.value);
        // Some are wrong on purpose, so that the types of Bolt do not fit.
        const answer: ViewResponseAction = JSON.parse(JSON.stringify(answers.shift() ?? {}));
        await ack(answer);
      });
    });
    const submit = (why: string): ReturnType<TestSlack["submit"]> => slack.submit({ user: "U01ANN", view_id: top(slack), values: { why } });
    await submit("1");
    expect(titles(slack)).toEqual(["Updated"]);
    await submit("2");
    expect(titles(slack)).toEqual(["Updated", "Pushed"]);
    expect(await submit("3")).toMatchObject({ shown: expect.stringContaining("must be less than 25 characters") });
    expect(await submit("4")).toMatchObject({ shown: expect.stringContaining("explode") });
    expect(titles(slack)).toEqual(["Updated", "Pushed"]);
    expect(await submit("5")).toMatchObject({ view: null });
    expect([titles(slack), seen]).toEqual([[], ["1", "2", "3", "4", "5"]]);
  });

  test("guards against races by its hash", async () => {
    await using slack = await startSlack();
    await withModal(slack);
    const [first] = stack(slack);
    const update = (hash: unknown): Promise<Record<string, unknown>> =>
      call(slack.web, "views.update", { view_id: first?.["id"], hash, view: modal("Two") });
    expect(await update("1.abc")).toMatchObject({ error: "hash_conflict" });
    expect(await update(first?.["hash"])).toMatchObject({ ok: true });
    expect(await update(first?.["hash"])).toMatchObject({ error: "hash_conflict" });
    expect(titles(slack)).toEqual(["Two"]);
    await slack.closeView({ user: "U01ANN", view_id: top(slack) });
    expect(await update(undefined)).toMatchObject({ error: "not_found" });
  });

  test("keeps what was typed over an update, and shows its trouble when the bot does not answer", async () => {
    await using slack = await startSlack();
    await withModal(slack, (app) => {
      app.view("m", () => Promise.resolve());
    });
    const submitted = slack.submit({ user: "U01ANN", view_id: top(slack), values: { why: "because" } });
    await expect.poll(() => slack.state().views["U01ANN"]?.[0]?.["pending"]).toBe(true);
    slack.advance(3000);
    expect(await submitted).toMatchObject({ result: "operation_timeout", shown: "We had some trouble connecting. Try again?" });
    const [view] = stack(slack);
    expect(view).toMatchObject({ pending: false, state: { values: { why: { reason: { type: "plain_text_input", value: "because" } } } } });
    await call(slack.web, "views.update", { view_id: view?.["id"], view: modal("Two") });
    expect(stack(slack)[0]).toMatchObject({ shown: null, state: { values: { why: { reason: { value: "because" } } } } });
  });

  test("belongs to one person", async () => {
    await using slack = await startSlack();
    await withModal(slack);
    await expect(slack.submit({ user: "U02BOB", view_id: top(slack) })).rejects.toThrow("not on top");
    await expect(slack.click({ user: "U02BOB", view_id: top(slack), action_id: "deeper" })).rejects.toThrow("has no view");
    await expect(slack.submit({ user: "U01ANN", view_id: top(slack), values: { nowhere: "x" } })).rejects.toThrow(
      "no input in a block nowhere",
    );
  });
});
