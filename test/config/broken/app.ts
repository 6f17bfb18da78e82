import { changed, ciApp, type Broken } from "../broken.ts";
import { EXAMPLE } from "../example.ts";

/** Faults of an app as a whole, and of the people that it names. */
export const BROKEN_APPS: readonly Broken[] = [
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
