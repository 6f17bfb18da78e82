import { liveEverywhere, openEverywhere } from "../db/home-facts.ts";
import { mutesOf } from "../db/mutes.ts";
import type { Home } from "../domain/home.ts";
import { channelTroubles } from "./broken-channel.ts";
import { environmentOf, type Engine } from "./engine.ts";
import { homePlaces } from "./home-places.ts";
import { homeReader } from "./home-reader.ts";
import { homeWork } from "./home-work.ts";
import { seenByUser } from "./seen-by.ts";

/**
 * The Home tab of one person, from stored rows: what waits for them, what is on its way, what is closed and what is live. Of apps and
 * environments that they may not see there is nothing in it. @throws when Slack cannot be asked who that is.
 */
export async function homeOf(whole: Engine, user: string): Promise<Home> {
  const engine = await seenByUser(whole, user);
  const reader = await homeReader(engine, user);
  const open = (await openEverywhere(engine.db)).filter(({ environmentId }) => {
    const known = environmentOf(engine, environmentId);
    return known !== null && reader.sees(known.environment);
  });
  const live = await liveEverywhere(engine.db);
  return {
    command: engine.config.command,
    timezone: reader.timezone,
    troubles: await channelTroubles(engine),
    ...(await homeWork(reader, open, live)),
    ...(await homePlaces(reader, open, live)),
    mutes: await mutesOf(engine.db, user, engine.clock()),
  };
}
