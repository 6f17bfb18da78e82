import { changed, APPROVAL, type Broken } from "../broken.ts";
import { EXAMPLE } from "../example.ts";

/** What is wrong whatever the keys mean: YAML, names of keys, nothing where something belongs. */
export const BROKEN_FORM: readonly Broken[] = [
  { name: "an empty file", text: "", faults: [[1, "(file): says nothing. Write: a map with `apps:`"]] },
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
];
