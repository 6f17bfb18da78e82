import type { Server } from "./server.ts";
import { CHANNEL, PEOPLE } from "./team.ts";

/** "strict": somebody looks at staging first, and two people say yes. */
export type Rules = "simple" | "strict";

const PRODUCTION: Readonly<Record<Rules, string>> = {
  simple: `        approval: { from: ["@product-owners"], count: 1, expires: 24h }`,
  strict: `        needs: validation
        approval: { from: ["@product-owners"], count: 2, expires: 24h }`,
};

/** The sandbox's greenlight.yml: as a team would write it, only the times are short. */
export function greenlightYml(
  world: { readonly staging: Server; readonly web: readonly Server[]; readonly gitUrl: string },
  rules: Rules,
): string {
  // Where people and the watch look at the shop: there is nothing in front of the two servers.
  const shop = { staging: world.staging.url, production: world.web[0]?.url ?? "" };
  return `# What the bot of the demo deploys where, and by whose decision. Times are short, so that the story fits in three minutes.
people:
  - { slack: ${PEOPLE.bob}, emails: [bob@acme.test], github: bob-acme }
  - { slack: ${PEOPLE.cleo}, emails: [cleo@acme.test], github: cleo-acme }
apps:
  shop:
    repository: github:acme/shop
    channel: "#${CHANNEL.name}"
    environments:
      staging:
        requires: [build, unit, integration]
        deploy: automatically
        url: ${shop.staging}/
        target:
          type: ssh
          hosts:
${hosts([world.staging])}
${target(world.gitUrl)}
      production:
        requires: [acceptance]
        after: { environment: staging, for: 0s }
${PRODUCTION[rules]}
        on_call: [${PEOPLE.bob}]
        url: ${shop.production}/
        target:
          type: ssh
          hosts:
${hosts(world.web)}
${target(world.gitUrl)}
        watch:
          for: 25s
          every: 2s
          sentry: { project: shop, environment: production }
          http: { url: "${shop.production}/health" }
          on_regression: offer
`;
}

function hosts(servers: readonly Server[]): string {
  return servers
    .map(({ name, ssh }) => `            - { address: ${ssh.address}, port: ${ssh.port}, user: deploy, label: ${name} }`)
    .join("\n");
}

function target(gitUrl: string): string {
  return `          directory: ~/shop
          recipe: django
          manage: [node, manage.mjs]
          origin: ${gitUrl}
          commands:
            restart: [node, service.mjs, restart]
            verify: [node, verify.mjs, --revision, "{revision}"]`;
}
