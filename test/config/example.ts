/** The example of the outer surface (README, docs/configuration.md): a whole file that must stay without faults. */
export const EXAMPLE = `connections:                                # optional; \`default\` comes from the environment
  acme-gitlab: { type: gitlab, url: "https://git.acme.test", token: env:ACME_GITLAB_TOKEN, webhook_secret: env:ACME_GITLAB_SECRET }
apps:
  shop:
    repository: github:acme/shop            # or CONNECTION:group/project, or ci:any-name
    channel: "#shop-deploys"
    branch: main
    environments:
      staging:
        requires: [build, unit, integration]
        deploy: automatically               # or by_ci: CI deploys it, Greenlight records what is live
        target: { type: ssh, hosts: [deploy@staging.acme.test], directory: /srv/shop, recipe: django }
      production:
        requires: [acceptance]
        after: { environment: staging, for: 10m }
        needs: validation
        approval: { from: ["@product-owners", "ann@acme.test"], count: 1, expires: 24h }
        freeze: [{ days: [fri], from: "15:00", to: "24:00", timezone: Europe/Brussels }]
        target:
          type: ssh
          hosts: [deploy@web-1.acme.test, { address: web-2.acme.test, user: deploy, port: 2222 }]
          directory: /srv/shop
          recipe: django
          layout: releases
        watch: { for: 30m, sentry: { project: shop, environment: production }, http: { url: "https://shop.acme.test/health" }, on_regression: offer }
`;
