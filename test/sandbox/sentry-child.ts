import * as Sentry from "@sentry/node";

/** A program with the real SDK: sends `ORDERS`, a JSON list of events, then ends. Started by the tests of the Sentry look-alike. */
type Order = {
  readonly message: string;
  readonly release: string;
  readonly environment: string;
  readonly user: string;
  readonly isHandled: boolean;
  readonly inBasket: boolean;
};

const orders: readonly Order[] = JSON.parse(process.env["ORDERS"] ?? "[]");
Sentry.init({
  dsn: process.env["DSN"] ?? "",
  serverName: "web-1",
  integrations: (defaults) => defaults.filter((one) => one.name !== "Dedupe"),
});

function fillBasket(message: string): never {
  throw new TypeError(message);
}

function openFrontPage(message: string): never {
  throw new RangeError(message);
}

for (const order of orders) {
  try {
    (order.inBasket ? fillBasket : openFrontPage)(order.message);
  } catch (fault) {
    Sentry.withScope((scope) => {
      scope.setUser({ id: order.user });
      scope.addEventProcessor((event) => ({ ...event, release: order.release, environment: order.environment }));
      scope.captureException(fault, { mechanism: { type: "http", handled: order.isHandled } });
    });
  }
}
await Sentry.flush(5_000);
