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

export const STAGING_HOSTS = "hosts: [deploy@staging.acme.test], directory: /srv/shop, recipe: django";
export const APPROVAL = '        approval: { from: ["@product-owners", "ann@acme.test"], count: 1, expires: 24h }\n';

/** The example with another target of staging. */
export function staging(target: string): string {
  return changed([STAGING_HOSTS, target]);
}

/** An app whose CI is any: all it needs. */
export function ciApp(name: string, repository: string): string {
  const target = `{ type: ssh, hosts: [a@x.test], directory: /srv/${name}, recipe: django }`;
  const environment = `      staging:\n        deploy: automatically\n        requires: [unit]\n        target: ${target}\n`;
  return `  ${name}:\n    repository: ${repository}\n    channel: "#deploys"\n    environments:\n${environment}`;
}
