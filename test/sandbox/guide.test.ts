import { expect, test } from "vitest";
import type { Facts } from "../../sandbox/story/guide.ts";
import { guideOf } from "../../sandbox/story/guide.ts";
import { whyNotHere } from "../../sandbox/world/refusals.ts";

const begin: Facts = {
  bot: "up",
  asksApproval: false,
  eveWasRefused: false,
  wasKilled: false,
  good: { started: false, wasLive: false },
  bad: null,
};
const live = { started: true, wasLive: true };
const pushed = { started: false, wasLive: false, alarmed: false, offersWayBack: false, gone: false };
const alarm = { ...live, alarmed: true, offersWayBack: true, gone: false };

const table: readonly { readonly when: string; readonly facts: Partial<Facts>; readonly step: number; readonly title: RegExp }[] = [
  { when: "the bot is starting", facts: { bot: "starting" }, step: 1, title: /is starting/ },
  { when: "tests run", facts: {}, step: 1, title: /being tested/ },
  { when: "it asks for approval", facts: { asksApproval: true }, step: 2, title: /as Eve/ },
  { when: "Eve was refused", facts: { asksApproval: true, eveWasRefused: true }, step: 3, title: /as Ann/ },
  { when: "Ann approved without Eve", facts: { good: { started: true, wasLive: false } }, step: 4, title: /^Kill the bot/ },
  {
    when: "the bot was killed",
    facts: { bot: "down", wasKilled: true, good: { started: true, wasLive: false } },
    step: 4,
    title: /^Start/,
  },
  { when: "it is back", facts: { wasKilled: true, good: { started: true, wasLive: false } }, step: 4, title: /go on/ },
  { when: "the good commit is live", facts: { good: live }, step: 5, title: /^Push a commit that breaks/ },
  { when: "the bad one is tested", facts: { good: live, bad: pushed }, step: 5, title: /pass its tests/ },
  { when: "the bad one asks", facts: { good: live, bad: pushed, asksApproval: true }, step: 5, title: /^Approve/ },
  { when: "the bad one is live", facts: { good: live, bad: { ...pushed, ...live } }, step: 5, title: /alarm/ },
  { when: "the alarm is there", facts: { good: live, bad: alarm }, step: 6, title: /Roll back/ },
  { when: "Bob pressed", facts: { good: live, bad: { ...alarm, offersWayBack: false } }, step: 6, title: /go back/ },
  {
    when: "the bot died in the alarm",
    facts: { bot: "down", good: live, bad: { ...pushed, ...live, alarmed: true } },
    step: 6,
    title: /^Start/,
  },
  {
    when: "the bad one is gone",
    facts: { good: live, bad: { ...alarm, gone: true } },
    step: 7,
    title: /whole story/,
  },
];

for (const { when, facts, step, title } of table) {
  test(`the guide is at step ${step} when ${when}`, () => {
    const guide = guideOf({ ...begin, ...facts });
    expect(guide).toMatchObject({ step, of: 7 });
    expect(guide.title).toMatch(title);
  });
}

const linux = { platform: process.platform, arch: process.arch };

test("the sandbox refuses to start beside real keys and tokens, and names them", () => {
  const env = {
    PATH: "/bin",
    SLACK_BOT_TOKEN: "xoxb-1",
    SENTRY_AUTH_TOKEN_FILE: "/run/token",
    SSH_PRIVATE_KEY_FILE: "/key",
    GITHUB_TOKEN: "",
  };
  const why = whyNotHere({ env, ...linux });
  expect(why).toContain("SENTRY_AUTH_TOKEN_FILE, SLACK_BOT_TOKEN, SSH_PRIVATE_KEY_FILE");
  expect(why).not.toContain("GITHUB_TOKEN");
  expect(why).not.toContain("xoxb-1");
});

test("a login over SSH or a CI job does not keep it from starting", () => {
  const env = { PATH: "/bin", SSH_AUTH_SOCK: "/tmp/agent", SSH_CONNECTION: "::1", GITHUB_ACTIONS: "true", GITHUB_SHA: "1" };
  expect(whyNotHere({ env, ...linux })).toBeNull();
});

test("on a platform without the database it says so in one sentence", () => {
  const why = whyNotHere({ env: {}, platform: "sunos", arch: "sparc" });
  expect(why).toMatch(/^The demo runs on Linux[^\n]*sunos-sparc is not installed\.$/);
});
