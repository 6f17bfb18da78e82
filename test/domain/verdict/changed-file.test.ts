import { expect, test } from "vitest";
import { planOf } from "../../../src/domain/plan.ts";
import { changedFilesAt, deployedCode } from "../../../src/domain/verdict/changed-file.ts";
import { judge } from "../../../src/domain/verdict/judge.ts";
import { worstFirst, worstIssue } from "../../../src/domain/verdict/worst-issue.ts";
import { environmentOf, NOTHING, sha } from "../model.ts";
import { clockAt, errorsAt, issue, minute, WATCH } from "./looks.ts";

const DIRECTORIES = ["/srv/shop", "~/mail"];

test.each<[name: string, file: string | null, culprit: string | null, changed: string, isIn: boolean]>([
  ["a release on a server", "/srv/shop/releases/9f3c2ab-1a2b3c4d/pricing.mjs", null, "pricing.mjs", true],
  ["the live release by its link", "/srv/shop/current/backend/orders/views.py", null, "backend/orders/views.py", true],
  ["the one checkout", "/srv/shop/backend/orders/views.py", null, "backend/orders/views.py", true],
  ["a folder of the repository that is called releases", "/srv/shop/releases/notes/page.py", null, "releases/notes/page.py", true],
  ["with a scheme", "file:///srv/shop/pricing.mjs", null, "pricing.mjs", true],
  ["another file of that name in the checkout", "/srv/shop/admin/orders/views.py", null, "orders/views.py", false],
  ["another file of the checkout that ends so", "/srv/shop/pricing.mjs", null, "lib/srv/shop/pricing.mjs", false],
  ["a checkout whose name begins so", "/srv/shopping/pricing.mjs", null, "pricing.mjs", false],
  ["a checkout in a home", "/home/deploy/mail/send.mjs", null, "send.mjs", true],
  ["a release in a home", "/home/deploy/mail/releases/9f3c2ab-1a2b3c4d/send.mjs", null, "send.mjs", true],
  ["another file of a checkout in a home", "/home/deploy/mail/mail/send.mjs", null, "send.mjs", false],
  ["a folder of that name of a checkout in a home", "/home/deploy/mail/mail/send.mjs", null, "mail/send.mjs", true],
  ["a package that is called as the checkout is", "mail/send.py", null, "mail/send.py", true],
  ["a name alone in such a package", "mail/send.py", null, "send.py", false],
  ["seen from a folder of the repository", "orders/views.py", null, "backend/orders/views.py", true],
  ["the same path", "orders/views.py", null, "orders/views.py", true],
  ["with the repository's root as root", "/src/Cart/Total.php", null, "src/Cart/Total.php", true],
  ["seen from outside, in a container", "/app/orders/views.py", null, "orders/views.py", true],
  ["another folder", "/app/baskets/views.py", null, "orders/views.py", false],
  ["a folder that only ends so", "reorders/views.py", null, "orders/views.py", false],
  ["a name that only ends so", "orders/reviews.py", null, "orders/views.py", false],
  ["other letters", "Orders/Views.py", null, "orders/views.py", false],
  ["a name alone, of a file in a folder", "views.py", null, "orders/views.py", false],
  ["a name alone, of a file without one", "main.go", null, "main.go", false],
  ["a root's file, seen from outside", "/app/index.js", null, "index.js", false],
  ["a file of that name in a folder, seen from outside", "/app/src/index.js", null, "index.js", false],
  ["a name that tells nothing, in one folder", "./src/index.ts", null, "packages/mail/src/index.ts", false],
  ["a name that tells nothing, in two folders", "./mail/src/index.ts", null, "packages/mail/src/index.ts", true],
  ["a name that tells nothing, by its whole path", "src/index.ts", null, "src/index.ts", true],
  ["what a bundler names", "webpack:///./src/cart/total.ts?a1b2", null, "web/src/cart/total.ts", true],
  ["what a browser names", "app:///src/cart.js", null, "src/cart.js", true],
  ["from above", "webpack:///../shared/money.ts", null, "packages/shared/money.ts", true],
  ["of Windows", "C:\\inetpub\\shop\\Cart\\Total.cs", null, "Cart/Total.cs", true],
  ["somebody else's package", "/app/node_modules/orders/views.js", null, "orders/views.js", false],
  ["somebody else's package of Python", "/usr/lib/python3/site-packages/orders/views.py", null, "orders/views.py", false],
  ["a package that lies in the repository", "/app/node_modules/a/b.js", null, "node_modules/a/b.js", true],
  ["no file, and a module", null, "orders.views in basket", "backend/orders/views.py", true],
  ["no file, and a package", null, "shop.orders in basket", "backend/shop/orders/__init__.py", true],
  ["a name alone, and its module", "Cart.java", "com.acme.shop.Cart in add", "src/main/java/com/acme/shop/Cart.java", true],
  ["a name alone, and a class within", "Cart.java", "com.acme.shop.Cart$Line in add", "src/main/java/com/acme/shop/Cart.java", true],
  ["a name alone, and another's module", "Cart.java", "com.acme.mail.Cart in add", "src/main/java/com/acme/shop/Cart.java", false],
  ["a name alone, and a module of another name", "Total.java", "com.acme.shop.Cart in add", "com/acme/shop/Cart.java", false],
  ["a module alone", null, "views in basket", "orders/views.py", false],
  ["a module whose name ends so", null, "orders.views in basket", "reorders/views.py", false],
  ["a module, and a page of its name", null, "orders.views in basket", "orders/views.html", false],
  ["the path of a request", null, "/orders/views.py", "orders/views.py", false],
  ["a file is believed before a module", "baskets/views.py", "orders.views in basket", "orders/views.py", false],
  ["nothing", null, null, "orders/views.py", false],
  ["no file at all", "<anonymous>", "orders.views", "orders/views.py", false],
])("%s: %s, %s in %s is %s", (_name, file, culprit, changed, isIn) => {
  const found = changedFilesAt({ file, culprit }, { files: ["README.md", changed], directories: DIRECTORIES });
  expect(found).toEqual(isIn ? [changed] : []);
});

test("a deployment's code lies where its servers have it; what nobody lists is not known", () => {
  const planned = planOf(environmentOf(), { kind: "deploy", from: sha(1), revision: sha(2) });
  const host = { name: "web-1", address: "web-1.acme.test", port: 22, user: "deploy" };
  const plan = { ...planned, hosts: ["/srv/shop", "~/shop", "/srv/shop"].map((directory) => ({ ...host, directory })) };
  expect(deployedCode({ changes: NOTHING, plan })).toBeNull();
  expect(deployedCode({ changes: { ...NOTHING, files: [] }, plan })).toBeNull();
  expect(deployedCode({ changes: { ...NOTHING, files: ["orders/views.py"] }, plan })).toEqual({
    files: ["orders/views.py"],
    directories: ["/srv/shop", "~/shop"],
  });
});

test("what nothing handled comes first, then what broke in a changed file, then the most frequent", () => {
  const all = [
    issue({ id: "handled", unhandled: false, events: 900, changedFiles: ["shop/cart.py"] }),
    issue({ id: "frequent", events: 90 }),
    issue({ id: "rare, changed", events: 1, changedFiles: ["shop/cart.py"] }),
    issue({ id: "changed", events: 2, changedFiles: ["shop/cart.py"] }),
  ];
  expect(worstFirst(all).map(({ id }) => id)).toEqual(["changed", "rare, changed", "frequent", "handled"]);
  expect(worstIssue(all)?.id).toBe("changed");
  expect(worstIssue([])).toBeUndefined();
});

test("of errors that weigh the same the judge tells the one in a changed file, and says so", () => {
  const newIssues = [issue({ id: "1", title: "TimeoutError", events: 2 }), issue({ id: "2", changedFiles: ["shop/cart.py"] })];
  const verdict = judge(WATCH, [errorsAt(3, 3, { newIssues })], clockAt(3));
  expect(verdict.why).toBe("New unhandled error: KeyError in shop.cart, once, 1 person hit, in a file that this deployment changes");
});

test("an error to act upon is told before one that is only in a changed file", () => {
  const newIssues = [issue({ id: "1", title: "TimeoutError", events: 3, users: 2 }), issue({ id: "2", changedFiles: ["shop/cart.py"] })];
  const verdict = judge(WATCH, [errorsAt(3, 4, { newIssues })], clockAt(3));
  expect(verdict.level).toBe("act");
  expect(verdict.why).toBe("New unhandled error: TimeoutError in shop.cart, 3 times, 2 people hit");
});

test.each([
  { name: "one event", change: {}, level: "propose" },
  { name: "three from one person", change: { events: 3, users: 1 }, level: "propose" },
  { name: "two from two people", change: { events: 2, users: 2 }, level: "propose" },
  { name: "three from two people", change: { events: 3, users: 2 }, level: "act" },
  { name: "a handled one", change: { events: 30, users: 9, unhandled: false }, level: "none" },
  {
    name: "one that was resolved and is back",
    change: { events: 30, users: 9, again: { how: "regressed", at: minute(1) } },
    level: "propose",
  },
  {
    name: "a handled one that was resolved and is back",
    change: { events: 30, users: 9, unhandled: false, again: { how: "regressed", at: minute(1) } },
    level: "none",
  },
] as const)("a changed file lowers no bar: $name", ({ change, level }) => {
  for (const where of [{}, { changedFiles: ["shop/cart.py"] }]) {
    const newIssues = [issue({ ...change, ...where })];
    expect(judge(WATCH, [errorsAt(3, 1, { newIssues })], clockAt(3)).level).toBe(level);
  }
});
