import { migrateDatabase } from "../../src/db/migrate.ts";

/** A replica to be killed: migrates the database with the migrations of the folder it is given. */
await migrateDatabase(process.argv[2] ?? "", process.argv[3] ?? "");
