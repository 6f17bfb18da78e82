import type { Target } from "../../src/ports.ts";

/** A moment in a deployment, in milliseconds. */
export type Mark = { readonly what: string; readonly at: number };

/** The same target, which also says when each of its calls begins and ends. */
export function timedTarget(target: Target, mark: (what: string) => void): Target {
  async function timed<Value>(what: string, work: Promise<Value>): Promise<Value> {
    mark(`${what} begins`);
    const value = await work;
    mark(`${what} ends`);
    return value;
  }
  return {
    ...target,
    acquire: (...given) => timed("acquire", target.acquire(...given)),
    step: (host, run, step, follow) => timed(`step ${step.id}`, target.step(host, run, step, follow)),
    release: (...given) => timed("release", target.release(...given)),
  };
}
