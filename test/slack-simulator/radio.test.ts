import { expect, test } from "vitest";
import { STATELESS } from "../../sandbox/slack/act/form.ts";

test.each([
  ["button", true],
  ["overflow", true],
  ["radio_buttons", false],
  ["checkboxes", false],
  ["static_select", false],
])("%s is without state: %s", (type, stateless) => {
  expect(STATELESS.test(type)).toBe(stateless);
});
