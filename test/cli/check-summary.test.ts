import { expect, test } from "vitest";
import { summaryOf } from "../../src/cli/summary.ts";
import { parseConfig } from "../../src/config/load.ts";
import { changed } from "../config/broken.ts";

function summary(...pairs: readonly (readonly [string, string])[]): string {
  const result = parseConfig(changed(...pairs), "greenlight.yml");
  if (!result.ok) throw new Error(JSON.stringify(result.refusal));
  return summaryOf(result.value);
}

test.each([
  { name: "two approvals", from: "count: 1", to: "count: 2", says: /starts +by 2 approvals of @product-owners/ },
  {
    name: "nothing required",
    from: "requires: [build, unit, integration]",
    to: "requires: []",
    says: /requires +nothing: each revision of the branch/,
  },
  { name: "an IPv6 host", from: "deploy@staging.acme.test", to: '"deploy@[::1]:2200"', says: /goes to +deploy@\[::1\]:2200 \/srv\/shop/ },
  { name: "a rollback by few", from: "needs:", to: "rollback: { from: [U0ANN] }\n        needs:", says: /rollback +by U0ANN/ },
  {
    name: "guests",
    from: "needs:",
    to: "allow: { guests: true, teams: [T0ACME] }\n        needs:",
    says: /guests +guests and people of team T0ACME may act/,
  },
  { name: "an automatic rollback", from: "on_regression: offer", to: "on_regression: rollback", says: /a regression rolls back after 90s/ },
  { name: "privacy", from: "branch: main", to: "privacy: strict", says: /channel #shop-deploys, privacy strict/ },
  {
    name: "a script that forgets the revision",
    from: "recipe: django }",
    to: "recipe: script, commands: { pull: [./fetch.sh], restart: [./deploy.sh] } }",
    says: /note +no command names \{revision\}: what is deployed may not be what was approved/,
  },
  {
    name: "a roll",
    from: "layout: releases",
    to: "layout: releases\n          roll: { canary: 1, batch: 2, max_failures: 1, pause: 30s, verify_times: 3 }",
    says: /roll +1 first, 2 at a time, 30s apart, it stops when more than 1 fail, verified 3 times in a row/,
  },
  {
    name: "releases",
    from: "layout: releases",
    to: "layout: releases\n          shared: [.env, media/]",
    says: /web-2\.acme\.test:2222 \/srv\/shop \(django, 5 releases kept, sharing \.env, media\/\)/,
  },
])("the summary says it: $name", ({ from, to, says }) => {
  expect(summary([from, to])).toMatch(says);
});
