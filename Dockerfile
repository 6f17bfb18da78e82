# The bot alone: no database, no sandbox, no tools. Give it DATABASE_URL, HISTORY_KEY and a configuration (docs/operations.md).

FROM node:24-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# No package's script runs. Optional packages are Node and PostgreSQL for machines that have none; here Node is the image's own.
RUN npm ci --omit=dev --omit=optional --ignore-scripts

FROM node:24-slim
ENV NODE_ENV=production \
    GREENLIGHT_CONFIG=/etc/greenlight/greenlight.yml
WORKDIR /app
# Owned by root and never written to: the file system may be read-only.
COPY --from=packages /app/node_modules ./node_modules
COPY package.json ./
COPY bin/greenlight.js ./bin/greenlight.js
COPY migrations ./migrations
COPY src ./src
USER node
EXPOSE 3000
# The process answers. Whether it works is /readyz, which also asks the database and Slack: no reason to restart it.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
    CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT ?? 3000}/healthz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# Greenlight takes SIGTERM itself and starts no child processes, so it needs no init.
ENTRYPOINT ["node", "bin/greenlight.js"]
CMD ["start"]
