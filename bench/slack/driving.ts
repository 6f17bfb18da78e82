import { fork } from "node:child_process";
import { nextMessage } from "../next-message.ts";

/** Where a press goes and what is in it: ACTION_TS, PRESSER and TRIGGER are filled in for each. */
export type Press = { readonly payload: string; readonly users: readonly string[] } & (
  | { readonly kind: "http"; readonly url: string; readonly secret: string }
  | { readonly kind: "socket"; readonly app: string }
);
export type Asked = { readonly press: Press; readonly perSecond: number; readonly seconds: number };
export type Driven = { readonly ms: readonly number[]; readonly lost: number };
export type Answered = { readonly kind: "listening"; readonly port: number } | ({ readonly kind: "driven" } & Driven);

export type Driver = {
  /** Where apps open their sockets: the path is the app's name. */
  readonly port: number;
  drive(asked: Asked): Promise<Driven>;
  close(): void;
};

export async function startDriver(): Promise<Driver> {
  const child = fork(new URL("driver.ts", import.meta.url), { stdio: "inherit" });
  const next = (): Promise<Answered> => nextMessage(child, "the driver");
  const first = await next();
  if (first.kind !== "listening") throw new Error("the driver does not listen");
  return {
    port: first.port,
    async drive(asked) {
      const answer = next();
      child.send(asked);
      const driven = await answer;
      if (driven.kind !== "driven") throw new Error("the driver did not drive");
      return driven;
    },
    close: () => child.disconnect(),
  };
}
