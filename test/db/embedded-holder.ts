import { Client } from "pg";
import { startEmbedded } from "../../src/db/embedded.ts";

/**
 * A process to be killed: starts the database in the folder it is given, says so, then inserts row after row and prints each number
 * once the database has acknowledged it.
 */
const database = await startEmbedded({ folder: process.argv[2] ?? "" });
const client = new Client({ connectionString: database.connectionString });
await client.connect();
await client.query("create table if not exists written (n integer primary key)");
console.log(`pid ${database.pid}`);
for (let n = 1; ; n += 1) {
  await client.query("insert into written values ($1)", [n]);
  console.log(`ack ${n}`);
}
