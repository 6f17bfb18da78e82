import type { ChildProcess } from "node:child_process";
import { once } from "node:events";

/** What a child of ours says next, which is what we asked it for. @throws when `name` ends before it */
export async function nextMessage<Said>(child: ChildProcess, name: string): Promise<Said> {
  const heard = new AbortController();
  const ended = once(child, "exit", { signal: heard.signal }).then(() => Promise.reject(new Error(`${name} has ended`)));
  try {
    const [said] = (await Promise.race([once(child, "message", { signal: heard.signal }), ended])) as [Said];
    return said;
  } finally {
    // Neither listener stays behind: one child is asked many times.
    heard.abort();
  }
}
