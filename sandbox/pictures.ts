import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withPalette } from "./png.ts";

/** What the README shows. The browser story takes many more on its way. */
const SHOWN = [
  "pipeline",
  "approval",
  "deploying",
  "watching",
  "regression",
  "rolled-back",
  "approval-phone",
  "regression-phone",
  "deploying-dark",
] as const;
/** The README is read on slow lines, too. */
const MOST_BYTES = 150_000;

const repository = join(import.meta.dirname, "..");
const taken = mkdtempSync(join(tmpdir(), "greenlight-pictures-"));
const told = spawnSync("vitest", ["run", "--project", "long", "test/e2e/story.long.test.ts"], {
  cwd: repository,
  env: { ...process.env, PICTURES: taken },
  stdio: "inherit",
});
if (told.status === 0) keep();
else console.error(`The story did not end well, so no picture was changed. All it took stand in ${taken}.`);
process.exitCode = told.status ?? 1;

function keep(): void {
  const folder = join(repository, "docs", "pictures");
  mkdirSync(folder, { recursive: true });
  for (const name of SHOWN) {
    const picture = withPalette(readFileSync(join(taken, `${name}.png`)));
    writeFileSync(join(folder, `${name}.png`), picture);
    const size = `${Math.round(picture.length / 1000)} kB${picture.length > MOST_BYTES ? ", too large" : ""}`;
    console.log(`docs/pictures/${name}.png  ${size}`);
  }
  rmSync(taken, { recursive: true, force: true });
}
