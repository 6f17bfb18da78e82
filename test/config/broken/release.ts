import { changed, APPROVAL, type Broken } from "../broken.ts";

/** Faults of what lets a version into an environment: stages, approvals, freezes. */
export const BROKEN_RELEASES: readonly Broken[] = [
  {
    name: "stages that are pinned to nothing, to too much and to what is none",
    text: changed([
      "requires: [build, unit, integration]",
      "requires:\n          - { workflow: ci.yml }\n          - { stage: e2e, app: farm, creator: bot }\n          - { stage: e2e, ap: farm }\n          - { stage: e2e, event: Push! }\n          - 7",
    ]),
    faults: [
      [11, "no `stage`"],
      [12, "one of `app`, `creator`, and `workflow` with `event`"],
      [13, "`app`"],
      [14, "`event: push`"],
      [15, "the name of a stage, as CI calls it"],
    ],
  },
  {
    name: "neither approval nor deploy",
    text: changed([APPROVAL, "\n"]),
    faults: [[13, "apps.shop.environments.production: says nothing of what starts"]],
  },
  {
    name: "approval and deploy",
    text: changed([APPROVAL, `${APPROVAL}        deploy: automatically\n`]),
    faults: [[18, "both `approval` and `deploy`"]],
  },
  {
    name: "a yes for what CI deploys by a stage",
    text: changed(["deploy: automatically", `deploy: by_ci\n        by_ci: { stage: ship }\n${APPROVAL.trimEnd()}`]),
    faults: [[12, "`stage` beside `approval`"]],
  },
  {
    name: "a yes for what a CI deploys that asks nobody",
    text: changed(["github:acme/shop", "ci:shop"], ["deploy: automatically", `deploy: by_ci\n${APPROVAL.trimEnd()}`]),
    faults: [[11, "for a repository that is not on GitHub"]],
  },
  {
    name: "an unknown way to deploy",
    text: changed(["deploy: automatically", "deploy: automaticaly"]),
    faults: [[11, "Write: `automatically` (or `by_ci`)"]],
  },
  { name: "count 0", text: changed(["count: 1", "count: 0"]), faults: [[17, "approval.count: says `0`. Write: `count: 1` or more"]] },
  { name: "half a person", text: changed(["count: 1", "count: 1.5"]), faults: [[17, "approval.count: says `1.5`"]] },
  {
    name: "more approvals than people",
    text: changed(['"@product-owners", "ann@acme.test"], count: 1', '"U0ANN", "U0ANN"], count: 2']),
    faults: [[17, "`count: 2` with 1 person in `from`"]],
  },
  {
    name: "nobody may approve",
    text: changed(['["@product-owners", "ann@acme.test"]', "[]"]),
    faults: [[17, "approval.from: says an empty list"]],
  },
  {
    name: "a display name",
    text: changed(["ann@acme.test", "Ann Smith"]),
    faults: [[17, 'from[1]: says "Ann Smith". Write: `@handle` of a user group, a Slack id']],
  },
  { name: "a number as a person", text: changed(['"ann@acme.test"', "12"]), faults: [[17, "from[1]: says `12`"]] },
  {
    name: "a duration without unit",
    text: changed(["24h", "24"]),
    faults: [[17, "approval.expires: says `24`. Write: a duration such as `24h`"]],
  },
  { name: "a duration of years", text: changed(["24h", "900d"]), faults: [[17, "from 1m to 30d"]] },
  {
    name: "after as a word",
    text: changed(["{ environment: staging, for: 10m }", "staging"]),
    faults: [[15, 'after: says "staging". Write: `after: { environment: staging']],
  },
  {
    name: "after an unknown environment",
    text: changed(["environment: staging,", "environment: stagin,"]),
    faults: [[15, "no environment of shop. Write: `staging`"]],
  },
  {
    name: "a circle",
    text: changed(["deploy: automatically ", "deploy: automatically\n        after: { environment: production } "]),
    faults: [[12, "staging -> production -> staging"]],
  },
  {
    name: "after itself",
    text: changed(["environment: staging,", "environment: production,"]),
    faults: [[15, "production -> production"]],
  },
  {
    name: "a verdict that can never come",
    text: changed(["for: 10m }", "for: 10m, verdict: succeeded }"]),
    faults: [[15, "staging has no `watch` and so never ends verified"]],
  },
  {
    name: "validation of nothing",
    text: changed(["        after: { environment: staging, for: 10m }\n", ""]),
    faults: [[15, "production.needs: says `validation` without `after`"]],
  },
  { name: "a long day", text: changed(["[fri]", "[friday]"]), faults: [[18, 'days[0]: says "friday". Write: `mon`']] },
  { name: "a time zone with a slip", text: changed(["Europe/Brussels", "Europe/Brusels"]), faults: [[18, "Write: `Europe/Brussels`"]] },
  { name: "a time zone of nowhere", text: changed(["Europe/Brussels", "Office"]), faults: [[18, "a time zone of the IANA list"]] },
  { name: "a time of day of 25 hours", text: changed(['"15:00"', '"25:00"']), faults: [[18, 'from: says "25:00"']] },
  {
    name: "a freeze of no days",
    text: changed(["{ days: [fri], from", "{ from"]),
    faults: [[18, "freeze[0]: says a window without `days` or `dates`"]],
  },
  {
    name: "a freeze of a weekday without an end",
    text: changed([', to: "24:00"', ""]),
    faults: [[18, "freeze[0]: says a window without both `from` and `to`"]],
  },
  {
    name: "a freeze of a date that does not exist",
    text: changed(["{ days: [fri], from", "{ dates: [2026-02-30], from"]),
    faults: [[18, 'freeze[0].dates[0]: says "2026-02-30"']],
  },
  {
    name: "a freeze that ends before it begins",
    text: changed(["{ days: [fri], from", '{ dates: ["2027-01-02..2026-12-24"], from']),
    faults: [[18, 'freeze[0].dates[0]: says "2027-01-02..2026-12-24"']],
  },
  { name: "a freeze without zone", text: changed([", timezone: Europe/Brussels", ""]), faults: [[18, "freeze[0]: says no `timezone`"]] },
  {
    name: "an environment that CI deploys, and something that only Greenlight could obey",
    text: changed(["deploy: automatically", "deploy: by_ci\n        on_failure: hold"]),
    faults: [[12, "says `on_failure` where CI deploys, which would not be obeyed"]],
  },
  {
    name: "two things that mean that CI deployed",
    text: changed(["deploy: automatically", "deploy: by_ci\n        by_ci: { stage: ship, environment: eu }"]),
    faults: [[12, "both `stage` and `environment`"]],
  },
  {
    name: "what means that CI deployed, where it does not",
    text: changed(["deploy: automatically", "deploy: automatically\n        by_ci: { stage: ship }"]),
    faults: [[12, "`by_ci` without `deploy: by_ci`"]],
  },
];
