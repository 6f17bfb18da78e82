import type { Finding } from "./fault.ts";
import { has } from "./findings.ts";
import { nearest } from "./nearest.ts";
import type { EnvironmentPart } from "./parts.ts";

/** Rules of one environment that need more than one of its keys. */
export function environmentRules(environment: EnvironmentPart): readonly Finding[] {
  return [
    ...releaseRule(environment),
    ...approvalRules(environment),
    ...watchRules(environment),
    ...targetRules(environment),
    ...notBuilt(environment),
  ];
}

/** Fails closed: what starts a deployment must be said, and said once. */
function releaseRule({ raw, path }: EnvironmentPart): readonly Finding[] {
  const approval = has(raw, "approval");
  const deploy = has(raw, "deploy");
  if (approval !== deploy) return [];
  if (approval) {
    return [
      {
        path: [...path, "deploy"],
        at: "key",
        says: "both `approval` and `deploy`",
        write: "one of them: `approval` if people decide, `deploy` if nobody is asked",
      },
    ];
  }
  const write = '`approval: { from: ["@product-owners"] }`, `deploy: automatically` or `deploy: by_ci`';
  return [{ path, at: "key", says: "nothing of what starts a deployment here, so nobody may", write }];
}

function approvalRules({ draft, raw, path }: EnvironmentPart): readonly Finding[] {
  const findings: Finding[] = [];
  const from = draft.approval?.from ?? [];
  const people = new Set(from.map((ref) => JSON.stringify(ref))).size;
  if (draft.approval !== undefined && from.every(({ kind }) => kind !== "group") && draft.approval.count > people) {
    const says = `\`count: ${draft.approval.count}\` with ${people} ${people === 1 ? "person" : "people"} in \`from\`, so nothing could ever be deployed`;
    findings.push({
      path: [...path, "approval", "count"],
      at: "value",
      says,
      write: `\`count: ${people}\` or less, or more people in \`from\``,
    });
  }
  if (draft.needs === "validation" && !has(raw, "after")) {
    const write = "`after: { environment: staging }` too: it says where people look before they say yes";
    findings.push({ path: [...path, "needs"], at: "value", says: "`validation` without `after`", write });
  }
  return findings;
}

function watchRules({ draft, path }: EnvironmentPart): readonly Finding[] {
  const { watch } = draft;
  if (watch === undefined) return [];
  const findings: Finding[] = [];
  if (watch.sentry === undefined && watch.http === undefined) {
    const write = "`sentry: { project: shop, environment: production }`, `http: { url: https://shop.acme.test/health }` or both";
    findings.push({ path: [...path, "watch"], at: "key", says: "neither `sentry` nor `http`, so nothing would be measured", write });
  }
  if (watch.every !== undefined && watch.every > watch.for) {
    findings.push({
      path: [...path, "watch", "every"],
      at: "value",
      says: "more time between two looks than the watch is long",
      write: "`every` of at most `for`",
    });
  }
  return findings;
}

/** Words of the surface whose work is still to come: refused, since a word that is silently not obeyed is a lie. */
function notBuilt({ draft, raw, path }: EnvironmentPart): readonly Finding[] {
  const words: readonly (readonly [boolean, readonly string[], string, string])[] = [
    [draft.target?.layout === "releases", ["target", "layout"], "layout: releases", "`layout: in_place`, or no `layout`"],
    [draft.deploy === "by_ci" && !has(raw, "approval"), ["deploy"], "deploy: by_ci", "`deploy: automatically`, or `approval`"],
  ];
  return words.flatMap(([found, key, word, write]) =>
    found ? [{ path: [...path, ...key], at: "value" as const, says: `\`${word}\` is not built yet`, write }] : [],
  );
}

const PLACEHOLDERS = ["{revision}", "{app}", "{environment}", "{host}"];

function targetRules({ draft, path }: EnvironmentPart): readonly Finding[] {
  const { target } = draft;
  if (target === undefined) return [];
  const commands = Object.entries(target.commands ?? {});
  const findings: Finding[] = [];
  if (target.recipe === "script" && commands.length === 0) {
    const write = '`commands: { restart: [./deploy.sh, "{revision}"] }`: this recipe has no commands of its own';
    findings.push({ path: [...path, "target"], at: "key", says: "`recipe: script` without `commands`", write });
  }
  for (const [step, argv] of commands) {
    for (const [index, word] of argv.entries()) {
      // `awk '{print}'` is a command's own affair; a slip of one of our four words is not.
      const slip = [...word.matchAll(/\{[A-Za-z_]+\}/g)]
        .map(([found]) => found)
        .find((found) => !PLACEHOLDERS.includes(found) && nearest(found, PLACEHOLDERS) !== null);
      if (slip === undefined) continue;
      const write = `\`${nearest(slip, PLACEHOLDERS) ?? "{revision}"}\``;
      findings.push({
        path: [...path, "target", "commands", step, index],
        at: "value",
        says: `\`${slip}\`, which is not filled in`,
        write,
      });
    }
  }
  return findings;
}
