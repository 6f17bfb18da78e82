import { connect, createServer, type Server, type Socket } from "node:net";
import { anyFreePort } from "../../sandbox/world/port.ts";

/** The way to the database, by TCP, that can be cut: away means refused connections and dropped ones. */
export type DatabaseProxy = AsyncDisposable & { readonly url: string; setDown(down: boolean): Promise<void> };

export async function proxyDatabase(connectionString: string): Promise<DatabaseProxy> {
  const [, user = "", name = "", folder = ""] = /^postgresql:\/\/([^@]*)@\/(\w+)\?host=(.*)$/u.exec(connectionString) ?? [];
  const socketPath = `${decodeURIComponent(folder)}/.s.PGSQL.5432`;
  const port = await anyFreePort();
  const sockets = new Set<Socket>();
  let server: Server | null = null;
  async function up(): Promise<void> {
    const fresh = createServer((inside) => {
      const outside = connect(socketPath);
      for (const socket of [inside, outside]) {
        sockets.add(socket);
        socket.on("error", () => undefined);
        socket.on("close", () => sockets.delete(socket));
      }
      inside.pipe(outside).on("close", () => inside.destroy());
      outside.pipe(inside).on("close", () => outside.destroy());
    });
    server = fresh;
    await new Promise<void>((listening) => fresh.listen(port, "127.0.0.1", () => listening()));
  }
  async function down(): Promise<void> {
    const closing = server;
    server = null;
    if (closing === null) return;
    const closed = new Promise<void>((done) => closing.close(() => done()));
    for (const socket of sockets) socket.destroy();
    await closed;
  }
  await up();
  return {
    url: `postgresql://${user}@127.0.0.1:${port}/${name}`,
    setDown: (away) => (away ? down() : up()),
    [Symbol.asyncDispose]: down,
  };
}
