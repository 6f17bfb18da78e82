import { inspect } from "node:util";

const HIDDEN = "[secret]";

/** A value that no log line, fault or JSON shows: only `reveal()` gives it, where it is handed to the library that needs it. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }

  [inspect.custom](): string {
    return HIDDEN;
  }
}
