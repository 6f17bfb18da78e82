import { EXAMPLE } from "./example.ts";

/** A file with faults: the example with some words replaced, or a text of its own, and what must be said on which lines. */
export type Broken = { readonly name: string; readonly text: string; readonly faults: readonly (readonly [line: number, words: string])[] };

/** The example with each first word replaced by the second. @throws when a word is not in it: the case would test nothing. */
export function changed(...pairs: readonly (readonly [string, string])[]): string {
  return pairs.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`the example has no ${from}`);
    return text.replace(from, () => to);
  }, EXAMPLE);
}

const STAGING_HOSTS = "hosts: [deploy@staging.acme.test], directory: /srv/shop, recipe: django";
const APPROVAL = '        approval: { from: ["@product-owners", "ann@acme.test"], count: 1, expires: 24h }\n';

function staging(target: string): string {
  return changed([STAGING_HOSTS, target]);
}

/** An app whose CI is any: all it needs. */
export function ciApp(name: string, repository: string): string {
  const target = `{ type: ssh, hosts: [a@x.test], directory: /srv/${name}, recipe: django }`;
  const environment = `      staging:\n        deploy: automatically\n        requires: [unit]\n        target: ${target}\n`;
  return `  ${name}:\n    repository: ${repository}\n    channel: "#deploys"\n    environments:\n${environment}`;
}

/** One wrong thing a file, as people do them. */
export const BROKEN: readonly Broken[] = [
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
  { name: "an empty file", text: "", faults: [[1, "(file): says nothing. Write: a map with `apps:`"]] },
  {
    name: "readers that are nobody, a channel for everything and one of an environment that is not there",
    text: changed([
      "    branch: main",
      '    visible_to: []\n    also: [{ channel: "#alerts", only: everything }, { channel: "#qa", only: failures, environments: [stagin] }]\n    branch: main',
    ]),
    faults: [
      [7, "an empty list would mean nobody"],
      [8, "`failures`"],
      [8, "the environment `stagin`, which this app does not have. Write: `staging`"],
    ],
  },
  {
    name: "other repositories that come twice, into one folder, without an origin, or to where they cannot be brought",
    text: changed(
      [
        "    branch: main\n",
        `    with:
      - { repository: github:Acme/shop, directory: theme, origin: "git@git.test:acme/shop.git" }
      - { repository: gitlab:acme, directory: theme/new/, origin: "git@git.test:acme/new.git" }
      - { repository: github:acme/texts, directory: ../texts, origin: "https://ann:pw@git.test/texts.git" }
      - { repository: github:acme/icons, directory: REVISION }
`,
      ],
      ["        deploy: automatically               #", "        deploy: by_ci               #"],
      ["recipe: django\n          layout: releases", "recipe: django\n          layout: releases\n          shared: [theme/cache/]"],
    ),
    faults: [
      [8, "`github:Acme/shop` a second time. Write: each repository once"],
      [9, "Write: `gitlab:group/project`"],
      [9, "a folder of another repository of `with`"],
      [10, "a folder below the checkout or release"],
      [10, "origin"],
      [11, "no `origin`"],
      [11, "another folder: this one is made anew by git or by us"],
      [15, "`by_ci`, which `with` of this app cannot be brought to"],
      [29, "`theme/cache`, where `with` brings another repository"],
    ],
  },
  {
    name: "other repositories beside a target without a checkout, and one secret for two CIs",
    text: `apps:
  shop:
    repository: ci:acme/shop
    channel: "#shop"
    with: [{ repository: "ci:acme/theme", directory: theme, origin: "git@git.test:acme/theme.git" }]
    environments:
      staging:
        deploy: automatically
        target: { type: docker, hosts: [a@x.test], directory: /srv/shop, image: "acme/shop:{revision}", services: [web] }
`,
    faults: [
      [5, "with one secret, the CI of one could call the other green"],
      [9, "a target of type docker, which `with` of this app cannot be brought to"],
    ],
  },
  { name: "a zone that is none", text: changed(["apps:\n", "timezone: Europe/Brusels\napps:\n"]), faults: [[3, "`Europe/Brussels`"]] },
  { name: "a list", text: "- shop\n", faults: [[1, "(file): says a list"]] },
  { name: "no app", text: "apps: {}\n", faults: [[1, "apps: says an empty map"]] },
  { name: "an app of nothing", text: "apps:\n  shop:\n", faults: [[2, "apps.shop: says nothing"]] },
  {
    name: "a key twice",
    text: changed(["    branch: main", "    branch: main\n    branch: next"]),
    faults: [[8, "apps.shop.branch: says `branch` twice"]],
  },
  {
    name: "a second approval that would win",
    text: changed([APPROVAL, `${APPROVAL}        approval: { from: [U0EVE] }\n`]),
    faults: [[18, "`approval` twice"]],
  },
  { name: "an unknown tag", text: changed(["[build,", "!shell [build,"]), faults: [[10, "the YAML tag `!shell`"]] },
  { name: "an alias of nothing", text: changed(["[build, unit, integration]", "*stages"]), faults: [[10, "an alias (`*name`)"]] },
  { name: "merging", text: changed(["    branch: main", "    <<: { branch: main }"]), faults: [[7, "merging by `<<` is not supported"]] },
  {
    name: "an unquoted handle",
    text: changed(['"@product-owners"', "@product-owners"]),
    faults: [[17, 'Write: it in quotes, as in "@..."']],
  },
  {
    name: "a channel that became a comment",
    text: changed(['"#shop-deploys"', "#shop-deploys"]),
    faults: [[6, "apps.shop.channel: says nothing"]],
  },
  { name: "a tab", text: changed(["    branch: main", "\tbranch: main"]), faults: [[7, "a tab as indentation"]] },
  { name: "an open quote", text: changed(["main\n", '"main\n']), faults: [[7, "opened and not closed"]] },
  { name: "two documents", text: `${EXAMPLE}---\napps: {}\n`, faults: [[26, "a second document"]] },
  { name: "__proto__ as an app", text: "apps:\n  __proto__: {}\n", faults: [[2, "`__proto__`"]] },
  {
    name: "a misspelt key",
    text: changed(["approval:", "aproval:"]),
    faults: [
      [13, "nothing of what starts a deployment here, so nobody may. Write: `approval:"],
      [17, "production.aproval: says a key that is not known here. Write: `approval`"],
    ],
  },
  {
    name: "a key from elsewhere",
    text: changed(["    branch: main", "    branch: main\n    color: red"]),
    faults: [[8, "one of the keys known here: repository, channel"]],
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
    name: "no target",
    text: changed([`        target: { type: ssh, ${STAGING_HOSTS} }\n`, "\n"]),
    faults: [[9, "staging: says no `target`"]],
  },
  { name: "an unknown target", text: changed(["type: ssh,", "type: rsync,"]), faults: [[12, 'target.type: says "rsync". Write: `ssh`']] },
  {
    name: "a host without user",
    text: staging("hosts: [web-1], directory: /srv/x, recipe: django"),
    faults: [[12, 'hosts[0]: says "web-1". Write: `user@host`']],
  },
  {
    name: "a host that is an option",
    text: staging('hosts: ["deploy@-oProxyCommand=x"], directory: /srv/x, recipe: django'),
    faults: [[12, "hosts[0]"]],
  },
  { name: "no hosts", text: staging("hosts: [], directory: /srv/x, recipe: django"), faults: [[12, "target.hosts: says an empty list"]] },
  { name: "a port of six digits", text: changed(["port: 2222", "port: 222222"]), faults: [[21, "hosts[1].port: says `222222`"]] },
  { name: "no directory", text: staging("hosts: [deploy@x.test], recipe: django"), faults: [[12, "target: says no `directory`"]] },
  { name: "the whole disk", text: staging("hosts: [deploy@x.test], directory: /, recipe: django"), faults: [[12, 'directory: says "/"']] },
  {
    name: "the whole disk, in other words",
    text: staging("hosts: [deploy@x.test], directory: /./, recipe: django"),
    faults: [[12, 'directory: says "/./"']],
  },
  {
    name: "the whole home",
    text: staging('hosts: [deploy@x.test], directory: "~/", recipe: django'),
    faults: [[12, 'directory: says "~/"']],
  },
  {
    name: "a relative directory",
    text: staging("hosts: [deploy@x.test], directory: srv/shop, recipe: django"),
    faults: [[12, "an absolute folder"]],
  },
  {
    name: "a way out of the directory",
    text: staging("hosts: [deploy@x.test], directory: /srv/../etc, recipe: django"),
    faults: [[12, "no `..`"]],
  },
  {
    name: "two environments in one folder",
    text: staging("hosts: [root@WEB-1.acme.test], directory: /srv/shop/, recipe: django"),
    faults: [[21, "/srv/shop on web-1.acme.test port 22, which apps.shop.environments.staging has too"]],
  },
  {
    name: "a host twice",
    text: staging("hosts: [a@x.test, b@x.test], directory: /srv/x, recipe: django"),
    faults: [[12, "this environment has already"]],
  },
  {
    name: "two hosts of one name",
    text: staging('hosts: [a@x.test, "a@x.test:23"], directory: /srv/x, recipe: django'),
    faults: [[12, "a second host named x.test. Write: a `label:`"]],
  },
  {
    name: "releases to keep where there are none",
    text: staging("hosts: [a@x.test], directory: /srv/x, recipe: django, keep: 3, shared: [.env]"),
    faults: [
      [12, "target.keep: says `keep` without `layout: releases`"],
      [12, "target.shared: says `shared` without `layout: releases`"],
    ],
  },
  {
    name: "too few releases to go back",
    text: staging("hosts: [a@x.test], directory: /srv/x, recipe: django, layout: releases, keep: 1"),
    faults: [[12, "target.keep: says `1`. Write: `keep: 2` or more"]],
  },
  {
    name: "a shared path outside",
    text: staging(
      'hosts: [a@x.test], directory: /srv/x, recipe: django, layout: releases, shared: [.env, ../media/, /etc/x, REVISION, "a//b"]',
    ),
    faults: [
      [12, 'target.shared[1]: says "../media/". Write: a path below the release'],
      [12, 'target.shared[2]: says "/etc/x"'],
      [12, 'target.shared[3]: says "REVISION". Write: another path'],
      [12, 'target.shared[4]: says "a//b"'],
    ],
  },
  {
    name: "a shared path within another",
    text: staging("hosts: [a@x.test], directory: /srv/x, recipe: django, layout: releases, shared: [media/, media/private/, media]"),
    faults: [
      [12, "target.shared[1]: says `media/private`, which `media` contains already"],
      [12, "target.shared[2]: says `media`, which `media` names already"],
    ],
  },
  {
    name: "releases without git",
    text: staging("hosts: [a@x.test], directory: /srv/x, recipe: script, layout: releases, commands: { pull: [./fetch] }"),
    faults: [[12, "commands.pull: says a `pull` of its own with `layout: releases`"]],
  },
  {
    name: "commands around steps that are not there",
    text: staging("hosts: [a@x.test], directory: /srv/x, recipe: django, before: { switch: [[a]] }"),
    faults: [
      [12, "target.before.switch: says `switch`, a step that is not there: it belongs to `layout: releases`. Write: one of pull, check"],
    ],
  },
  {
    name: "commands after an installation that is not there",
    text: staging("hosts: [a@x.test], directory: /srv/x, recipe: django, after: { install: [[a]] }, users: { backup: shop }"),
    faults: [
      [12, "target.after.install: says `install`, a step that is not there: there is no `install:`"],
      [12, "target.users.backup: says `backup`"],
    ],
  },
  {
    name: "two ways to restart and two to install",
    text: staging(
      "hosts: [a@x.test], directory: /srv/x, recipe: django, install: pip, services: [x], commands: { install: [a], restart: [a] }",
    ),
    faults: [
      [12, "target.install: says both `install` and `commands.install`"],
      [12, "target.services: says both `services` and `commands.restart`"],
    ],
  },
  {
    name: "a service that systemctl would take for an option",
    text: staging("hosts: [a@x.test], directory: /srv/x, recipe: django, services: [--force]"),
    faults: [[12, "target.services[0]: says"]],
  },
  {
    name: "a GitLab project without a group",
    text: changed(["github:acme/shop", "acme-gitlab:shop"]),
    faults: [[5, 'says "acme-gitlab:shop". Write: `acme-gitlab:group/project`']],
  },
  {
    name: "two repositories whose CIs share one secret",
    text: `apps:\n${ciApp("shop", "ci:shop")}${ciApp("blog", "ci:blog")}`,
    faults: [[11, "`ci:blog` beside `ci:shop`: with one secret, the CI of one could call the other green"]],
  },
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
  {
    name: "a recipe with a slip",
    text: staging("hosts: [a@x.test], directory: /srv/x, recipe: djagno"),
    faults: [[12, "Write: `django` (or `script`)"]],
  },
  {
    name: "a fabfile on one host that is not given what it needs",
    text: changed(["type: ssh, " + STAGING_HOSTS, "type: fabric, hosts: [a@x.test], directory: /srv/x, recipe: django"]),
    faults: [
      [12, "no `task` in a target of `type: fabric`"],
      [12, "one host for `type: fabric`"],
      [12, "`recipe` in a target of `type: fabric`. Write: `type: ssh`, or no `recipe`"],
    ],
  },
  {
    name: "containers of a tag that moves",
    text: changed([
      "type: ssh, " + STAGING_HOSTS,
      "type: docker, hosts: [a@x.test], directory: /srv/x, services: [web], image: acme/shop:latest",
    ]),
    faults: [[12, "Write: an image whose tag names the revision"]],
  },
  {
    name: "containers with the keys of a checkout",
    text: changed([
      "type: ssh, " + STAGING_HOSTS,
      'type: docker, hosts: [a@x.test], directory: /srv/x, image: "a/b:{revision}", layout: releases',
    ]),
    faults: [
      [12, "no `services` in a target of `type: docker`"],
      [12, "`layout` in a target of `type: docker`"],
    ],
  },
  {
    name: "a script of nothing",
    text: staging("hosts: [a@x.test], directory: /srv/x, recipe: script"),
    faults: [[12, "`recipe: script` without `commands`"]],
  },
  {
    name: "a command as one text",
    text: staging('hosts: [a@x.test], directory: /srv/x, recipe: django, commands: { restart: "touch x" }'),
    faults: [[12, "commands.restart: says a text that does not fit (not shown: it may be a secret). Write: a list of words"]],
  },
  {
    name: "a placeholder with a slip",
    text: staging('hosts: [a@x.test], directory: /srv/x, recipe: script, commands: { restart: [go, "{revison}"] }'),
    faults: [[12, "`{revison}`, which is not filled in. Write: `{revision}`"]],
  },
  {
    name: "an unknown step",
    text: staging("hosts: [a@x.test], directory: /srv/x, recipe: django, timeouts: { migrat: 1h }"),
    faults: [[12, "timeouts.migrat: says a key that is not known here. Write: `migrate`"]],
  },
  {
    name: "a number in the environment",
    text: staging("hosts: [a@x.test], directory: /srv/x, recipe: django, environment: { WORKERS: 4 }"),
    faults: [[12, "environment.WORKERS: says a number. Write: text in quotes"]],
  },
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
    name: "an unknown connection",
    text: changed(["github:acme/shop", "acme-gitlap:acme/shop"]),
    faults: [[5, "not under `connections:`. Write: `acme-gitlab`"]],
  },
  { name: "a repository without owner", text: changed(["github:acme/shop", "github:shop"]), faults: [[5, "Write: `github:owner/name`"]] },
  {
    name: "a web address as repository",
    text: changed(["github:acme/shop", "https://github.com/acme/shop"]),
    faults: [[5, "apps.shop.repository: says"]],
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
  {
    name: "no channel",
    text: changed(['    channel: "#shop-deploys"\n', ""]),
    faults: [[4, 'apps.shop: says no `channel`. Write: `channel: "#shop-deploys"`']],
  },
  { name: "an app in capitals", text: changed(["  shop:\n", "  Shop:\n"]), faults: [[4, "apps.Shop: says a name that cannot be used"]] },
  { name: "an app named as a command", text: changed(["  shop:\n", "  status:\n"]), faults: [[4, "a word of the slash command"]] },
  {
    name: "a branch that is an option",
    text: changed(["branch: main", 'branch: "--upload-pack=x"']),
    faults: [[7, "a branch by its short name"]],
  },
  {
    name: "a branch by its full name",
    text: changed(["branch: main", "branch: refs/heads/main"]),
    faults: [[7, "a branch by its short name"]],
  },
  { name: "an unknown privacy", text: changed(["branch: main", "privacy: strickt"]), faults: [[7, "Write: `strict`"]] },
  { name: "a command without slash", text: `command: deploy\n${EXAMPLE}`, faults: [[1, 'command: says "deploy". Write: a slash command']] },
  {
    name: "a person by name",
    text: `people: [{ slack: ann }]\n${EXAMPLE}`,
    faults: [[1, 'people[0].slack: says "ann". Write: the Slack id']],
  },
  {
    name: "one login of two people",
    text: `people:\n  - { slack: U0ANN, github: ann }\n  - { slack: U0EVE, github: Ann }\n${EXAMPLE}`,
    faults: [[3, "people[1].github: says `ann` a second time"]],
  },
];
