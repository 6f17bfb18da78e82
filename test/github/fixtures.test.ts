import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { deliver, startWorld } from "../http/world.ts";

const folder = join(process.env["GREENLIGHT_FIXTURES"] ?? resolve("../shared/fixtures"), "github/webhooks");

/** GitHub's own example payloads that mean something to us; every other one is ignored by its event. */
const EXPECTED = new Map<string, { readonly result: string; readonly reason?: string }>([
  ["push.json", { result: "ignored", reason: "push of a tag" }],
  ["push.1.json", { result: "ignored", reason: "push of a tag" }],
  ["push.with-installation.json", { result: "ignored", reason: "push of a tag" }],
  ["push.with-no-username-committer.json", { result: "accepted" }],
  ["ping.json", { result: "accepted" }],
  ["ping.with-app_id.json", { result: "accepted" }],
  ["workflow_run.requested.json", { result: "accepted" }],
  ["workflow_run.completed.json", { result: "accepted" }],
  ["workflow_job.queued.json", { result: "accepted" }],
  ["workflow_job.waiting.json", { result: "accepted" }],
  ["workflow_job.in_progress.json", { result: "accepted" }],
  ["workflow_job.completed.success.with-organization.json", { result: "accepted" }],
]);

describe.skipIf(!existsSync(folder))("GitHub's example payloads (skipped when GREENLIGHT_FIXTURES has none)", () => {
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith(".json")) : [];

  test.each(files)("%s is answered 202 with its result", async (file) => {
    await using world = await startWorld();
    const event = file.split(".", 1)[0] ?? "";
    const expected = EXPECTED.get(file) ?? { result: "ignored", reason: `${event} events are not used` };
    const { status, json } = await deliver(world.url, event, readFileSync(join(folder, file)));
    expect(status).toBe(202);
    expect(json).toEqual({ delivery: expect.any(String), ...expected });
    expect([...world.stored.values()].map(({ result, reason }) => ({ result, reason }))).toEqual([
      { result: expected.reason === undefined ? null : "ignored", reason: expected.reason ?? null },
    ]);
  });

  test("the payloads of the table are all there", () => {
    expect([...EXPECTED.keys()].filter((file) => !files.includes(file))).toEqual([]);
  });
});
