import { settings } from "./settings.mjs";

const Sentry = settings.sentryDsn === "" ? null : await import(settings.sentryModule);

Sentry?.init({
  dsn: settings.sentryDsn,
  release: settings.revision,
  environment: settings.environment,
  serverName: settings.server,
  // By default the SDK drops an error equal to the one before it; then a basket broken for everybody would count as one event.
  integrations: (defaults) => defaults.filter((one) => one.name !== "Dedupe"),
});

/** Reports a fault of one visitor's request; `isHandled` says whether the visitor got a page all the same. */
export function reportFault(fault, { user, isHandled }) {
  Sentry?.withScope((scope) => {
    scope.setUser({ id: user, ip_address: `10.0.${Math.floor(Number(user) / 250) % 250}.${Number(user) % 250}` });
    scope.captureException(fault, { mechanism: { type: isHandled ? "generic" : "http", handled: isHandled } });
  });
}

/** Sends what is still waiting; the server calls it before it ends, and visitors wait for the next one meanwhile. */
export async function flushFaults() {
  await Sentry?.flush(300);
}
