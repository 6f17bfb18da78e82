import type { TrustAnswer } from "../../domain/answers.ts";
import { trustLines, watchWords } from "../../domain/trust-words.ts";
import { escaped, foreign } from "../escape.ts";
import { LIMITS } from "../limits.ts";
import { clock } from "../words.ts";
import type { Rendered } from "./drawing.ts";
import { lines } from "./lines.ts";

/** Environments that one answer shows. */
const MOST = 10;

/** How far the judge could be trusted, environment by environment. */
export function renderTrust({ app, environments, now }: TrustAnswer): Rendered {
  if (environments.length === 0)
    return lines([
      `Nothing${app === null ? "" : ` of ${foreign(app, LIMITS.name)}`} is watched after a deployment: \`watch\` in greenlight.yml does that.`,
    ]);
  const shown = environments.slice(0, MOST);
  return lines([
    ...shown.map(({ app: name, environment, policy, trust, advice }) => {
      const since = trust.since === null ? "" : ` since ${clock(trust.since, now)}`;
      const policyNow = policy === null ? "not watched now" : `now \`${policy}\``;
      return [
        `*${foreign(name, LIMITS.name)} in ${foreign(environment, LIMITS.name)}* (${policyNow}): ${watchWords(trust)}${since}`,
        ...trustLines(trust, advice, policy).map((line) => `• ${escaped(line).replace(/on_regression: (\w+)/gu, "`on_regression: $1`")}`),
      ].join("\n");
    }),
    ...(environments.length > shown.length ? [`and ${environments.length - shown.length} more environments: name an app`] : []),
  ]);
}
