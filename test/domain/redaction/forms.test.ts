import { expect, test } from "vitest";
import { newKeyPair } from "../../../sandbox/host/keys.ts";
import { secretForms } from "../../../src/domain/redaction/forms.ts";

const SECRET = 'planted/token "nine"+ü';

test.for(["", "a", "ab", "abc", "user:"])("a secret behind %j is found in base64, at every alignment and with every end", (before) => {
  const forms = secretForms([SECRET]);
  for (const behind of ["", "z", "zz", "zzz"]) {
    for (const coding of ["base64", "base64url"] as const) {
      const printed = Buffer.from(`${before}${SECRET}${behind}`).toString(coding);
      expect(forms.some((form) => printed.includes(form))).toBe(true);
    }
  }
});

test("a secret is found percent- and JSON-encoded, the longest form first", () => {
  const forms = secretForms([SECRET, "short-one"]);
  expect(forms).toEqual(expect.arrayContaining([SECRET, encodeURIComponent(SECRET), JSON.stringify(SECRET).slice(1, -1)]));
  expect(forms.map((form) => form.length)).toEqual(forms.map((form) => form.length).toSorted((a, b) => b - a));
});

test("a private key is found line by line; its frame is no secret", () => {
  const key = newKeyPair().privateKey;
  const forms = secretForms([key]);
  const lines = key.split("\n").filter((line) => line.length >= 20 && !line.startsWith("-----"));
  expect(forms).toEqual(expect.arrayContaining(lines));
  expect(forms.some((form) => form.includes("BEGIN"))).toBe(false);
});
