import { plain } from "../blocks.ts";

/** Something that Slack refuses whatever its length: the sentence and the pointer. */
export type Wrong = readonly [name: string, what: unknown, fault: string];

export const actions = (...elements: unknown[]): unknown[] => [{ type: "actions", elements }];
export const input = (element: object, members: object = {}): object => ({ type: "input", label: plain("l"), element, ...members });
export const cell = { type: "raw_text", text: "x" };
/** Of one cell. */
export const table = { type: "table", rows: [[cell]] };
