import { expect, test } from "vitest";
import { createRedactor } from "../../../src/domain/redaction/redact.ts";
import { withoutControls } from "../../../src/domain/log-text.ts";
import { newKeyPair } from "../../../sandbox/host/keys.ts";

const { redact } = createRedactor(["planted/token 'nine' $x", "overlap-abcdef", "abcdef-overlap"]);

test.for([
  ["an AWS key id", "key AKIAIOSFODNN7EXAMPLE used", "key [redacted] used"],
  ["an AWS secret", "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG+bPx", "AWS_SECRET_ACCESS_KEY=[redacted]"],
  ["a GitHub token", "remote: ghp_16C7e42F292c6912E7710c838347Ae178B4a", "remote: [redacted]"],
  ["a GitHub fine-grained token", "github_pat_11ABCDEFG0abcdefghijkl_mnopqrstuvwxyz", "[redacted]"],
  ["a GitLab token", "glpat-abcDEF_12345-67890xy.", "[redacted]"],
  ["a Slack token", "using xoxb-123456789012-abcdef", "using [redacted]"],
  ["a Slack webhook", "https://hooks.slack.com/services/T000/B000/XXXX", "https://hooks.slack.com/[redacted]"],
  ["a Stripe key", "sk_live_4eC39HqLyjWDarjtT1zdp7dc!", "[redacted]!"],
  ["a JSON Web Token", "jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmN end", "jwt [redacted] end"],
  ["a password in an address", "postgres://app:p@ss:word@db/shop", "postgres://app:[redacted]@db/shop"],
  ["a token in an address", "fatal: https://abcdef0123456789@git.acme.test/x", "fatal: https://[redacted]@git.acme.test/x"],
  ["a password that is set", "DB_PASSWORD='a b' ok", "DB_PASSWORD='[redacted]' ok"],
  ["a password in Python", "{'PASSWORD': 'x\\'y', 'HOST': 'db'}", "{'PASSWORD': '[redacted]', 'HOST': 'db'}"],
  ["a password in JSON", '{"password": "a\\"b", "n": 1}', '{"password": "[redacted]", "n": 1}'],
  ["a password in JSON in JSON", '{"m":"{\\"password\\":\\"abc\\"}"}', '{"m":"{\\"password\\":\\"[redacted]\\"}"}'],
  ["a password of an option", "mysql --password hunter2 shop", "mysql --password [redacted] shop"],
  ["a header", "Authorization: Basic dXNlcjpwYXNz", "Authorization: Basic [redacted]"],
  ["two that overlap", "x overlap-abcdef-overlap y", "x [redacted] y"],
] as const)("%s is taken out, and nothing else", ([, said, clean]) => {
  expect(redact(said)).toBe(clean);
});

test.for([
  "Applying shop.0002_secret_field... OK",
  "5 passed, 3 failed",
  "PWD=/srv/shop",
  "SyntaxError: Unexpected token: }",
  "ssh://git@github.com/acme/shop.git",
  "deploy@web-1.acme.test: Permission denied",
  "tokens: 51, max_tokens 7",
  "https://shop.acme.test/?page=2",
  "Running deploy script for sha 8f14e45fceea167a5a36dedd4bea2543",
])("%s says no secret and stays", (said) => {
  expect(redact(said)).toBe(said);
});

test("a private key is taken out whole: on many lines, on one, and as far as it came", () => {
  const key = newKeyPair().privateKey.trimEnd();
  expect(redact(`before\n${key}\nafter`)).toBe("before\n[redacted]\nafter");
  expect(redact(`k=${JSON.stringify(key)}.`)).toBe('k="[redacted]".');
  expect(redact(`${key.split("\n").slice(0, 3).join("\n")}\nTraceback (most recent call last):`)).toBe(
    "[redacted]\nTraceback (most recent call last):",
  );
});

test.for([
  `'planted/token '\\''nine'\\'' $x'`,
  `'planted/token '"'"'nine'"'"' $x'`,
  `"planted/token 'nine' \\$x"`,
  `planted/token\\ \\'nine\\'\\ \\$x`,
  "planted%2Ftoken%20%27nine%27%20%24x",
  "planted%2ftoken+%27nine%27+%24x",
  "706c616e7465642f746f6b656e20276e696e652720247a".replace(/7a$/u, "78"),
])("%s is the secret as shells and addresses write it", (said) => {
  expect(redact(`<${said}>`)).toMatch(/^<['"]?\[redacted\]['"]?>$/u);
});

test("control sequences go, and with them what hides or splits a word", () => {
  const said = "\u001b[1;31mre\u001b[0md \u001b]0;title\u0007over\u202eturned ze\u200bro \u009b2Kclear b\bbold \u001b(Bset\u2028 日本 é";
  expect(withoutControls(said)).toBe("red overturned zero clear bold set 日本 é");
  expect(withoutControls("\u001b]0;never ended\nnext")).toContain("next");
});

test("a hostile line costs no more than its length", () => {
  const lines = [
    "-a".repeat(20_000),
    "://".repeat(20_000),
    'password="'.repeat(5_000),
    `eyJ${"a.".repeat(20_000)}`,
    "token=".repeat(10_000),
  ];
  const began = performance.now();
  for (const line of lines) redact(line);
  expect(performance.now() - began).toBeLessThan(5_000);
});
