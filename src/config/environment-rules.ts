import type { Finding } from "./fault.ts";
import { has } from "./findings.ts";
import type { EnvironmentPart } from "./parts.ts";
import { targetRules } from "./target-rules.ts";

/** Rules of one environment that need more than one of its keys. */
export function environmentRules(environment: EnvironmentPart): readonly Finding[] {
  return [
    ...releaseRule(environment),
    ...approvalRules(environment),
    ...freezeRules(environment),
    ...watchRules(environment),
    ...targetRules(environment),
    ...targetThere(environment),
    ...byCiRules(environment),
  ];
}

/** Fails closed: what starts a deployment must be said, and said once. */
function releaseRule({ raw, path }: EnvironmentPart): readonly Finding[] {
  const approval = has(raw, "approval");
  const deploy = has(raw, "deploy");
  // CI deploys after a yes: its protection rule asks us.
  if (approval !== deploy || (approval && raw["deploy"] === "by_ci")) return [];
  if (approval) {
    return [
      {
        path: [...path, "deploy"],
        at: "key",
        says: "both `approval` and `deploy`",
        write: "one of them: `approval` if people decide, `deploy: automatically` if nobody is asked",
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

/** Which days is said by `days` or by `dates`; a day of the week says nothing of its hours, and half of them is a slip. */
function freezeRules({ draft, path }: EnvironmentPart): readonly Finding[] {
  return (draft.freeze ?? []).flatMap((window, index): Finding[] => {
    const here = { path: [...path, "freeze", index], at: "key" as const };
    if (window.days === undefined && window.dates === undefined)
      return [{ ...here, says: "a window without `days` or `dates`", write: "`days: [fri]`, or `dates: [2026-12-24..2027-01-02]`" }];
    if ((window.from === undefined) !== (window.to === undefined) || (window.from === undefined && window.dates === undefined))
      return [{ ...here, says: "a window without both `from` and `to`", write: '`from: "15:00", to: "24:00"`' }];
    return [];
  });
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

const BY_GATE = "`by_ci: { environment: production }`: the one whose protection rule asks Greenlight";

/** What Greenlight does not deploy it neither holds back nor watches: a key that is silently not obeyed is a lie. */
function byCiRules({ draft, raw, path }: EnvironmentPart): readonly Finding[] {
  if (draft.deploy !== "by_ci") {
    if (!has(raw, "by_ci")) return [];
    return [{ path: [...path, "by_ci"], at: "key", says: "`by_ci` without `deploy: by_ci`", write: "`deploy: by_ci` too, or no `by_ci:`" }];
  }
  const { stage, environment } = draft.by_ci ?? {};
  const asked = has(raw, "approval");
  const both: readonly Finding[] =
    stage !== undefined && environment !== undefined
      ? [{ path: [...path, "by_ci"], at: "key", says: "both `stage` and `environment`", write: "the one that means that it was deployed" }]
      : [];
  const gateless: readonly Finding[] =
    asked && stage !== undefined
      ? [{ path: [...path, "by_ci", "stage"], at: "key", says: "`stage` beside `approval`", write: BY_GATE }]
      : [];
  // What people are asked for is held back as everywhere; what CI did is CI's to undo.
  const held = asked ? [] : ["after", "needs", "live_content", "freeze"];
  const idle = [...held, "rollback", "on_failure", "escalate", "watch"].filter((key) => has(raw, key));
  return [
    ...both,
    ...gateless,
    ...idle.map((key): Finding => ({
      path: [...path, key],
      at: "key",
      says: `\`${key}\` where CI deploys, which would not be obeyed`,
      write: "nothing: CI decides what happens there, and Greenlight records it",
    })),
  ];
}

/** Only where CI deploys is there nothing to reach. */
function targetThere({ draft, raw, path }: EnvironmentPart): readonly Finding[] {
  if (has(raw, "target") || draft.deploy === "by_ci") return [];
  return [
    { path, at: "key", says: "no `target`", write: "`target: { type: ssh, hosts: [deploy@web-1.acme.test], directory: /srv/shop }`" },
  ];
}
