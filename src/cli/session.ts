import { type Opened, withEngine } from "../main.ts";
import { EXIT } from "./exit.ts";

/** Runs one command on the bot's database and answers its exit code; settings at fault were told, and are a no. */
export async function exitCodeOf(work: (opened: Opened) => Promise<number>): Promise<number> {
  return (await withEngine(work)) ?? EXIT.no;
}
