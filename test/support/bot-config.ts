import { join } from "node:path";
import type { SandboxHost } from "../../sandbox/host/server.ts";

/** By approval of a product owner, without a watch. */
const BY_APPROVAL = ["requires: [build]", 'approval: { from: ["@product-owners"], count: 1, expires: 24h }'] as const;

/** A greenlight.yml whose steps are witnessed; `environment` replaces the lines of production besides its target. */
export function botConfig(world: {
  readonly root: string;
  readonly hosts: readonly SandboxHost[];
  readonly environment?: readonly string[] | undefined;
}): string {
  const command = (step: string): string =>
    `            ${step}: [sh, "${join(world.root, "step.sh")}", ${step}, "{host}", "{revision}", "${world.root}"]`;
  return [
    "people:",
    "  - { slack: U0BOB, emails: [bob@acme.test], github: bob-acme }",
    "apps:",
    "  shop:",
    "    repository: github:acme/shop",
    '    channel: "#shop-deploys"',
    "    environments:",
    "      production:",
    ...(world.environment ?? BY_APPROVAL).map((line) => `        ${line}`),
    "        target:",
    "          type: ssh",
    "          hosts:",
    ...world.hosts.map(({ name, port }) => `            - { address: 127.0.0.1, port: ${port}, user: deploy, label: ${name} }`),
    "          directory: ~/shop",
    "          recipe: script",
    "          commands:",
    ...["pull", "migrate", "restart"].map(command),
    "",
  ].join("\n");
}
