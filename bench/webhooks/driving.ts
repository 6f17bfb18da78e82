import { fork } from "node:child_process";
import { nextMessage } from "../next-message.ts";

/** Where deliveries go, and how. `salt`: so that no two rounds speak of the same commits. */
export type Asked = { readonly url: string; readonly secret: string; readonly connections: number } & (
  | { readonly kind: "steady"; readonly seconds: number; readonly salt: string }
  | { readonly kind: "paced"; readonly seconds: number; readonly perSecond: number; readonly salt: string }
  | { readonly kind: "burst"; readonly total: number }
);
export type Driven = { readonly ms: readonly number[]; readonly lost: number; readonly seconds: number };

export type Driver = { drive(asked: Asked): Promise<Driven>; close(): void };

export function startDriver(): Driver {
  const child = fork(new URL("driver.ts", import.meta.url), { stdio: "inherit" });
  return {
    drive(asked) {
      const answer = nextMessage<Driven>(child, "the driver");
      child.send(asked);
      return answer;
    },
    close: () => child.disconnect(),
  };
}
