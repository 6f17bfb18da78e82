import { expect, test } from "vitest";
import { createRedactor } from "../../src/domain/redaction/redact.ts";
import { HEAD_BYTES, openStepLog, TAIL_BYTES, type Stored } from "../../src/engine/step-log.ts";
import { dice, type Dice } from "./dice.ts";

const SECRETS = ["planted/secret-number-one", 'planted "two" \\ $x', "geheim-ü-drie-ß-vier"] as const;
const REDACTOR = createRedactor(SECRETS);
const EMPTY: Stored = { offset: 0, dropped: 0, head: Buffer.alloc(0), tail: Buffer.alloc(0) };
/** More by hand: `SEEDS=5000 npx vitest run test/engine/step-log.test.ts`. */
const SEEDS = Number(process.env["SEEDS"] ?? 25);
const MB = 1024 * 1024;

/** What makes a log hard to cut: secrets in all forms, colours, progress bars, wide characters, long lines. */
const PIECES: readonly ((roll: Dice) => string)[] = [
  (roll) => `Applying shop.000${roll.below(9)}_auto... OK\n`,
  (roll) => `${secret(roll)}`,
  (roll) => `\u001b[1;3${roll.below(8)}m${secret(roll)}\u001b[0m`,
  (roll) => {
    const one = secret(roll);
    const at = roll.below(one.length);
    return `${one.slice(0, at)}\u001b[31m${one.slice(at)}`;
  },
  (roll) => Buffer.from(`${"x".repeat(roll.below(4))}${secret(roll)}${"y".repeat(roll.below(90))}`).toString("base64"),
  (roll) =>
    Buffer.from(`${"pad".repeat(roll.below(60))}${secret(roll)}${"y".repeat(roll.below(90))}`)
      .toString("base64")
      .replace(/.{76}/gu, "$&\n"),
  (roll) => Buffer.from(secret(roll)).toString("hex"),
  (roll) => encodeURIComponent(secret(roll)),
  (roll) => `\r${roll.below(100)} % `,
  () => "\n",
  () => "\r\n",
  () => "日本語 ✓ émoji 👩‍💻 ",
  () => "\u001b]0;a title\u0007",
  () => "\u001b]0;a title without an end\n",
  () => "password=hunter2-and-more ",
  () => "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEAplantedkeyline1\nplantedkeyline2==\n-----END RSA PRIVATE KEY-----\n",
  () => "postgres://app:planted-url-password@db.internal/shop ",
  (roll) => "z".repeat(roll.below(40_000)),
  (roll) => `${"w ".repeat(roll.below(20_000))}`,
];

function secret(roll: Dice): string {
  return SECRETS[roll.below(SECRETS.length)] ?? "";
}

function output(roll: Dice): Buffer {
  return Buffer.from(Array.from({ length: 5 + roll.below(40) }, () => PIECES[roll.below(PIECES.length)]?.(roll) ?? "").join(""));
}

/** Fed in random chunks; sometimes stored; sometimes another replica goes on where the last one stored. */
function fed(bytes: Buffer, roll: Dice): Stored {
  let log = openStepLog(EMPTY, REDACTOR);
  let last = EMPTY;
  for (let at = 0; at < bytes.length;) {
    const size = 1 + roll.below(roll.below(4) === 0 ? 40_000 : 60);
    log.append(bytes.subarray(at, at + size), Math.min(bytes.length, at + size));
    at = Math.min(bytes.length, at + size);
    if (roll.below(3) === 0) last = log.stored();
    if (roll.below(12) > 0) continue;
    at = last.offset;
    log = openStepLog(last, REDACTOR);
  }
  log.finish();
  return log.stored();
}

test("however output is cut into chunks, and wherever another replica goes on, the stored text is the same", () => {
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const bytes = output(dice(seed));
    const whole = openStepLog(EMPTY, REDACTOR);
    whole.append(bytes, bytes.length);
    whole.finish();
    const wanted = whole.stored();
    expect(found(wanted), `seed ${seed}`).toEqual([]);
    for (let cut = 1; cut <= 4; cut += 1) {
      const got = fed(bytes, dice(seed * 1000 + cut));
      expect(text(got), `seed ${seed}, cut ${cut}`).toBe(text(wanted));
      expect(got.offset).toBe(bytes.length);
      expect(got.dropped).toBe(wanted.dropped);
    }
  }
});

test("the first 256 KiB and the last 768 KiB are kept, in whole lines, and what lies between is counted", () => {
  const bytes = Buffer.from(Array.from({ length: 160_000 }, (_, number) => line(number)).join(""));
  for (const size of [32_768, 3 * MB, bytes.length]) {
    const log = openStepLog(EMPTY, REDACTOR);
    for (let at = 0; at < bytes.length; at += size) {
      log.append(bytes.subarray(at, at + size), Math.min(bytes.length, at + size));
      if (size === 32_768) log.stored();
    }
    log.finish();
    const { head, tail, dropped, offset } = log.stored();
    expect(offset).toBe(bytes.length);
    expect(head.length).toBeLessThanOrEqual(HEAD_BYTES);
    expect(head.length).toBeGreaterThan(HEAD_BYTES - 100);
    expect(tail.length).toBeLessThanOrEqual(TAIL_BYTES);
    expect(tail.length).toBeGreaterThan(TAIL_BYTES - 100);
    expect(head.equals(bytes.subarray(0, head.length))).toBe(true);
    expect(tail.equals(bytes.subarray(bytes.length - tail.length))).toBe(true);
    expect(head.length + tail.length + dropped).toBe(bytes.length);
  }
});

test("one line of 8 MB keeps its ends, no secret in it is seen, and no character is cut", () => {
  const body = "ö".repeat(2 * MB);
  const bytes = Buffer.from(`${body}${SECRETS[0]}${body}${"—".repeat(200)}${SECRETS[1]}ende`);
  const log = openStepLog(EMPTY, REDACTOR);
  for (let at = 0; at < bytes.length; at += 65_521) {
    log.append(bytes.subarray(at, at + 65_521), Math.min(bytes.length, at + 65_521));
    if (at % 3 === 0) log.stored();
  }
  log.finish();
  const stored = log.stored();
  expect(stored.offset).toBe(bytes.length);
  expect(text(stored)).not.toContain("\ufffd");
  expect(text(stored).endsWith("[redacted]ende")).toBe(true);
  expect(found(stored)).toEqual([]);
});

test("what could still become a secret waits, and is kept when the output ends", () => {
  const log = openStepLog(EMPTY, REDACTOR);
  log.append(Buffer.from("first line\nplanted/secret"), 25);
  expect(log.stored()).toMatchObject({ offset: 11, head: Buffer.from("first line\n") });
  log.finish();
  expect(log.stored()).toMatchObject({ offset: 25, head: Buffer.from("first line\nplanted/secret") });
});

function line(number: number): string {
  return `line ${String(number).padStart(8, "0")} of a long output, ünd so weiter\n`;
}

function text({ head, tail }: Stored): string {
  return `${head.toString()}|${tail.toString()}`;
}

/** Planted things that are still there. */
function found(stored: Stored): readonly string[] {
  const said = text(stored).replaceAll(/[\r\n]/gu, "");
  const all = SECRETS.flatMap((one) => [
    one,
    encodeURIComponent(one),
    Buffer.from(one).toString("hex"),
    Buffer.from(one).toString("base64").slice(0, 20),
  ]);
  return [...all, "hunter2", "plantedkeyline", "planted-url-password"].filter((one) => said.includes(one));
}
