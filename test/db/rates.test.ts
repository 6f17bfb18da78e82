import { expect, test } from "vitest";
import { openDatabase } from "../../src/db/client.ts";
import { takeTurn } from "../../src/db/rates.ts";
import { freshDatabase } from "../support/database.ts";

const PER_MINUTE = 60;

test("two replicas together give a person no more turns than one, and nobody takes another one's", async () => {
  await using database = await freshDatabase();
  const replicas = [openDatabase(database.connectionString, { max: 4 }), openDatabase(database.connectionString, { max: 4 })] as const;
  try {
    const [one, other] = replicas;
    const began = performance.now();
    const pressed = await Promise.all(
      Array.from({ length: 2 * PER_MINUTE }, (_, press) => takeTurn(press % 2 === 0 ? one.db : other.db, "U01ANN", PER_MINUTE)),
    );
    const taken = pressed.filter(Boolean).length;
    const filledAgain = ((performance.now() - began) / 60_000) * PER_MINUTE;
    expect(taken).toBeGreaterThanOrEqual(PER_MINUTE);
    expect(taken).toBeLessThanOrEqual(PER_MINUTE + filledAgain + 1);
    expect(await takeTurn(other.db, "U02BOB", PER_MINUTE)).toBe(true);

    // Ten seconds later it has ten more, and after an hour no more than a whole minute's.
    const passed = async (seconds: number): Promise<number> => {
      await database.pool.query(`update rates set "left" = 0, at = clock_timestamp() - interval '${seconds} s' where slack_id = 'U01ANN'`);
      const again: boolean[] = [];
      for (let press = 0; press < 2 * PER_MINUTE && again.at(-1) !== false; press += 1)
        again.push(await takeTurn(one.db, "U01ANN", PER_MINUTE));
      return again.filter(Boolean).length;
    };
    expect(await passed(0.5)).toBeLessThanOrEqual(10);
    expect(await passed(10)).toBeGreaterThanOrEqual(10);
    const most = performance.now();
    expect(await passed(3_600)).toBeLessThanOrEqual(PER_MINUTE + ((performance.now() - most) / 60_000) * PER_MINUTE + 1);
  } finally {
    for (const replica of replicas) await replica.close();
  }
});
