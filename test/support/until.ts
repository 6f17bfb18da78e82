import { setTimeout as pause } from "node:timers/promises";

/** Waits for a condition; generous, because the machine may be busy. @throws with `because()` when the deadline is over. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  because: () => string = () => "the condition did not come true",
  deadlineMs = 20_000,
): Promise<void> {
  const end = Date.now() + deadlineMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(because());
    await pause(10);
  }
}
