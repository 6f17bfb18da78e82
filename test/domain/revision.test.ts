import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseSha, type Sha } from "../../src/domain/ids.ts";
import { checkedPull, revisionCommand } from "../../src/domain/recipe/revision.ts";

const REVISION = parseSha("9f3c2ab41d20000000000000000000000000beef") ?? never();

test.each([
  { file: `${REVISION}\n`, code: 0, pulled: 0, says: `has ${REVISION}` },
  { file: REVISION, code: 0, pulled: 0, says: `has ${REVISION}` },
  { file: `${REVISION.slice(0, 12)}\n`, code: 6, pulled: 5, says: `this server has ${REVISION.slice(0, 12)}` },
  { file: "", code: 7, pulled: 5, says: "nobody can tell which revision this server has" },
  { file: null, code: 7, pulled: 5, says: "nobody can tell which revision this server has" },
])("a server whose file REVISION holds $file says what it has", ({ file, code, pulled, says }) => {
  const folder = mkdtempSync(join(tmpdir(), "greenlight-revision-"));
  try {
    if (file !== null) writeFileSync(join(folder, "REVISION"), file);
    const asked = run(revisionCommand(REVISION, false), folder);
    expect(asked).toMatchObject({ status: code });
    expect(asked.said).toContain(says);
    const pull = run(checkedPull({ origin: null }, REVISION, ["true"]), folder);
    expect(pull.status).toBe(pulled);
    expect(pull.said).toContain(pulled === 0 ? "" : `approved ${REVISION}, after pull this server has`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

function run([program = "", ...words]: readonly string[], cwd: string) {
  const { status, stdout, stderr } = spawnSync(program, words, { cwd, encoding: "utf8" });
  return { status, said: stdout + stderr };
}

function never(): Sha {
  throw new Error("no revision");
}
