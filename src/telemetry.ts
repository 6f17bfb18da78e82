import { pino, type Logger } from "pino";
import { Counter, Gauge, Registry, collectDefaultMetrics } from "prom-client";
import { createRedactor } from "./domain/redaction/redact.ts";
import type { Report } from "./ports.ts";

export type Telemetry = {
  readonly logger: Logger;
  readonly report: Report;
  readonly metrics: Metrics;
  /** Sends what is still to be sent to Sentry; at most two seconds. */
  flush(): Promise<void>;
};

export type Metrics = {
  readonly faults: Counter;
  readonly deliveries: Counter<"source" | "result">;
  readonly clicks: Counter<"outcome">;
  readonly openDeployments: Gauge;
  render(): Promise<string>;
};

const FLUSH_MS = 2000;

/** Log lines, the bot's own faults, and figures. Secrets are taken out by value, wherever in a line they stand (invariant 9). */
export async function openTelemetry(options: {
  readonly level: string;
  readonly secrets: readonly string[];
  readonly sentryDsn: string | null;
  readonly release: string;
}): Promise<Telemetry> {
  const { redact } = createRedactor(options.secrets);
  const logger = pino(
    { level: options.level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } },
    { write: (line: string) => void process.stdout.write(redact(line)) },
  );
  const sentry = options.sentryDsn === null ? null : await openSentry(options.sentryDsn, options.release, redact);
  const metrics = openMetrics();
  return {
    logger,
    metrics,
    report(fault, context) {
      metrics.faults.inc();
      logger.error({ err: fault, ...context }, fault instanceof Error ? fault.message : String(fault));
      sentry?.captureException(fault, { extra: { ...context } });
    },
    async flush() {
      await sentry?.flush(FLUSH_MS);
    },
  };
}

/** Loaded only with a DSN: the SDK costs half a second and 40 MB. No request bodies, no local variables. */
async function openSentry(dsn: string, release: string, redact: (text: string) => string): Promise<typeof import("@sentry/node")> {
  const sentry = await import("@sentry/node");
  sentry.init({
    dsn,
    release,
    includeLocalVariables: false,
    beforeSend: (event) => JSON.parse(redact(JSON.stringify(event))) as typeof event,
  });
  return sentry;
}

function openMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    faults: new Counter({ name: "greenlight_faults_total", help: "Faults of the bot itself", registers }),
    deliveries: new Counter({
      name: "greenlight_deliveries_total",
      help: "Webhook deliveries by source and result",
      labelNames: ["source", "result"],
      registers,
    }),
    clicks: new Counter({ name: "greenlight_clicks_total", help: "Presses and commands by outcome", labelNames: ["outcome"], registers }),
    openDeployments: new Gauge({ name: "greenlight_open_deployments", help: "Deployments that are not over", registers }),
    render: () => registry.metrics(),
  };
}
