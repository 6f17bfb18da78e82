import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { section, text } from "./blocks.ts";
import { call, startSlack, type TestSlack } from "./world.ts";
import { WRONG_BLOCKS } from "./wrong/blocks.ts";
import { WRONG_ELEMENTS } from "./wrong/elements.ts";
import { table } from "./wrong/shapes.ts";
import { WRONG_HOMES, WRONG_MODALS } from "./wrong/views.ts";

describe("Slack refuses", () => {
  let slack: TestSlack;
  beforeAll(async () => {
    slack = await startSlack();
  });
  afterAll(() => slack.close());

  test.each([...WRONG_BLOCKS, ...WRONG_ELEMENTS])("%s", async (_name, blocks, fault) => {
    const answer = await call(slack.web, "chat.postMessage", { channel: "C01DEPLOYS", text: "t", blocks });
    expect(answer).toMatchObject({ ok: false, error: "invalid_blocks", errors: [fault] });
  });

  test.each(WRONG_MODALS)("a modal %s", async (_name, view, fault) => {
    const answer = await call(slack.web, "views.open", { trigger_id: "1.2.none", view });
    expect(answer).toMatchObject({ ok: false, error: "invalid_arguments", errors: expect.arrayContaining([fault]) });
  });

  test.each(WRONG_HOMES)("a home %s", async (_name, view, fault) => {
    const answer = await call(slack.web, "views.publish", { user_id: "U01ANN", view });
    expect(answer).toMatchObject({ ok: false, error: "invalid_arguments", errors: [fault] });
  });

  test("two tables, with an error name of their own", async () => {
    const answer = await call(slack.web, "chat.postMessage", { channel: "C01DEPLOYS", text: "t", blocks: [table, table] });
    expect(answer).toMatchObject({ error: "invalid_attachments", errors: ["only_one_table_allowed [json-pointer:/blocks]"] });
  });

  test("markdown blocks that are too long together", async () => {
    const blocks = [
      { type: "markdown", text: text(6001) },
      { type: "markdown", text: text(6000) },
    ];
    expect(await call(slack.web, "chat.postMessage", { channel: "C01DEPLOYS", text: "t", blocks })).toMatchObject({
      error: "msg_blocks_too_long",
    });
  });

  test("a view above 250 kB", async () => {
    const blocks = Array.from({ length: 90 }, () => section(text(2900)));
    expect(await call(slack.web, "views.publish", { user_id: "U01ANN", view: { type: "home", blocks } })).toMatchObject({
      error: "view_too_large",
    });
  });

  test("blocks by its own validator, with pointers from the list on", async () => {
    const answer = await call(slack.web, "blocks.validate", { blocks: [section(text(3001))] });
    expect(answer).toMatchObject({
      ok: false,
      errors: [{ pointer: "/0/text/text", constraint: { type: "max_length", expected: 3000, got: 3001 } }],
    });
    expect(await call(slack.web, "blocks.validate", { blocks: [section("x")] })).toMatchObject({ ok: true });
  });
});
