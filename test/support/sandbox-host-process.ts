import { startSandboxHost } from "../../sandbox/host/server.ts";

/** A sandbox host as a process of its own, so that it can live in a namespace: `node sandbox-host-process.ts JSON`. Prints where it listens. */
const { root, authorizedKey, env } = JSON.parse(process.argv[2] ?? "{}");
const host = await startSandboxHost({ name: "web-1", root, authorizedKey, env });
process.stdout.write(`${JSON.stringify({ address: host.address, port: host.port, hostKeyLine: host.hostKeyLine })}\n`);
