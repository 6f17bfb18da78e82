import { expect, test } from "vitest";
import { authorize } from "../../src/domain/authorize.ts";
import { DORA, modelOf, OLAF, PETRA, person, requested } from "./model.ts";

test("why somebody asked is recorded and said in the thread", () => {
  const model = modelOf();
  const decided = model.must(requested(1, { reason: "the shop is down" }));
  expect(decided.history.find((line) => line.kind === "asked")?.body).toMatchObject({ reason: "the shop is down" });
  expect(JSON.stringify(decided.effects)).toContain("the shop is down");
});

test("without a reason nothing is said of one", () => {
  const model = modelOf();
  const decided = model.must(requested(1));
  expect(JSON.stringify([decided.history, decided.effects])).not.toContain("reason");
});

test("the whole log is for those who may approve or roll back, and for who asked for it", () => {
  const model = modelOf();
  const decided = model.must(requested(1));
  const deployment = decided.changes.flatMap((change) => (change.kind === "insert" ? [change.deployment] : []))[0] ?? null;
  const { environment } = model.snapshot;
  expect(authorize("log_file", PETRA, environment, deployment)).toBeNull();
  expect(authorize("log_file", OLAF, environment, deployment)).toBeNull();
  expect(authorize("log_file", DORA, environment, deployment)).toBeNull();
  expect(authorize("log_file", person("UEVE"), environment, deployment)).toContain("the whole log is for");
  expect(authorize("log_file", { ...PETRA, guest: true }, environment, deployment)).toContain("guests");
});
