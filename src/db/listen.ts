import { Client } from "pg";

/** Between two tries to listen again; listeners poll besides, so a gap costs seconds and loses nothing. */
const RETRY_MS = 2000;

/** Calls `wake` for each notification on the channel, over a connection of its own that is opened again whenever it breaks. */
export function listen(connectionString: string, channel: string, wake: () => void): { stop(): Promise<void> } {
  let stopped = false;
  let client: Client | null = null;
  let timer: NodeJS.Timeout | null = null;
  const again = (): void => {
    client = null;
    if (!stopped) timer = setTimeout(open, RETRY_MS);
  };
  function open(): void {
    const fresh = new Client({ connectionString, application_name: "greenlight listener", keepAlive: true });
    client = fresh;
    fresh.on("notification", wake);
    // `end` follows every `error`: one of them is enough to try again.
    fresh.on("error", () => undefined);
    fresh.once("end", again);
    fresh.connect().then(
      () => fresh.query(`listen ${channel}`).then(wake, () => fresh.end()),
      () =>
        fresh
          .end()
          .catch(() => undefined)
          .then(() => (client === fresh ? again() : undefined)),
    );
  }
  open();
  return {
    async stop() {
      stopped = true;
      if (timer !== null) clearTimeout(timer);
      await client?.end();
    },
  };
}
