import { changed, type Broken } from "../broken.ts";
import { EXAMPLE } from "../example.ts";

/** Faults of watches, and of accounts elsewhere. */
export const BROKEN_CONNECTIONS: readonly Broken[] = [
  {
    name: "a watch of nothing",
    text: `${EXAMPLE.slice(0, EXAMPLE.indexOf("        watch:"))}        watch: { for: 30m }\n`,
    faults: [[25, "neither `sentry` nor `http`"]],
  },
  {
    name: "looks too far apart",
    text: changed(["watch: { for: 30m,", "watch: { for: 30m, every: 2h,"]),
    faults: [[25, "watch.every: says more time"]],
  },
  {
    name: "an address with a password",
    text: changed(["https://shop.acme.test/health", "https://a:hunter22@shop.acme.test"]),
    faults: [[25, "http.url: says a text that does not fit"]],
  },
  {
    name: "an unknown policy",
    text: changed(["on_regression: offer", "on_regression: panic"]),
    faults: [[25, "Write: `shadow`, `offer` or `rollback`"]],
  },
  {
    name: "a connection of another type",
    text: changed(["sentry: { project", "sentry: { connection: acme-gitlab, project"]),
    faults: [[25, "the connection `acme-gitlab`, which is of type gitlab"]],
  },
  {
    name: "an escalation to a connection that is not there",
    text: changed(["on_regression: offer }", "on_regression: offer }\n        escalate: { to: pager }"]),
    faults: [[26, "the connection `pager`, which is not under `connections:`"]],
  },
  {
    name: "an escalation to a connection of another type",
    text: changed(["on_regression: offer }", "on_regression: offer }\n        escalate: { to: acme-gitlab }"]),
    faults: [[26, "the connection `acme-gitlab`, which is of type gitlab"]],
  },
  {
    name: "a pager without TLS",
    text: changed([
      "connections:",
      'connections:\n  oncall: { type: pager, url: "http://oncall.acme.test/hook", secret: env:ONCALL_SECRET }',
    ]),
    faults: [[2, "an https address"]],
  },
  {
    name: "a pager of both shapes",
    text: changed(["connections:", "connections:\n  oncall: { type: pager, secret: env:ONCALL_SECRET, routing_key: env:PAGERDUTY_KEY }"]),
    faults: [[2, "`{ type: pager, routing_key: env:PAGERDUTY_KEY }`"]],
  },
  {
    name: "a roster that is not there",
    text: changed(["on_regression: offer }", "on_regression: offer }\n        on_call: [U0123ABCD, { roster: duty }]"]),
    faults: [[26, "the connection `duty`, which is not under `connections:`"]],
  },
  {
    name: "a roster of another type",
    text: changed(["on_regression: offer }", "on_regression: offer }\n        on_call: [{ roster: acme-gitlab }]"]),
    faults: [[26, "the connection `acme-gitlab`, which is of type gitlab"]],
  },
  {
    name: "an address among those on call",
    text: changed(["on_regression: offer }", "on_regression: offer }\n        on_call: [{ url: https://duty.acme.test }]"]),
    faults: [
      [26, "`{ roster: duty }`"],
      [26, "the keys known here: roster"],
    ],
  },
  {
    name: "a display name among those on call",
    text: changed(["on_regression: offer }", "on_regression: offer }\n        on_call: [Ann Peeters]"]),
    faults: [[26, "anybody can change a display name"]],
  },
  {
    name: "a roster among approvers",
    text: changed(["on_regression: offer }", "on_regression: offer }\n        rollback: { from: [{ roster: duty }] }"]),
    faults: [[26, "anybody can change a display name"]],
  },
  {
    name: "a roster without TLS",
    text: changed(["connections:", 'connections:\n  duty: { type: roster, url: "http://duty.acme.test/now" }']),
    faults: [[2, "an https address"]],
  },
  {
    name: "a roster with its secret in the file",
    text: changed(["connections:", 'connections:\n  duty: { type: roster, url: "https://duty.acme.test/now", token: abc }']),
    faults: [[2, "`env:NAME`"]],
  },
  { name: "a connection named as a kind", text: changed(["acme-gitlab:", "gitlab:"]), faults: [[2, "a connection named `gitlab`"]] },
  {
    name: "an unknown type of connection",
    text: changed(["type: gitlab", "type: gitlap"]),
    faults: [[2, 'type: says "gitlap". Write: `github`']],
  },
  {
    name: "a secret in the file",
    text: changed(["env:ACME_GITLAB_TOKEN", "glpat-0123456789"]),
    faults: [[2, "token: says a text that does not fit (not shown"]],
  },
];
