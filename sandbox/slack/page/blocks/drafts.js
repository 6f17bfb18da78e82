// @ts-check

/** What a person typed or chose in a view and has not sent yet. By view id, block id, action id. */

/** @type {Map<string, Record<string, Record<string, any>>>} */
const drafts = new Map();

/** @param {any} view @param {any} block @param {any} element @param {any} value @param {any} [words] what a chosen option is called */
export function keep(view, block, element, value, words) {
  const all = drafts.get(view.id) ?? {};
  drafts.set(view.id, { ...all, [block.block_id]: { ...all[block.block_id], [element.action_id]: { value, words } } });
}

/** @param {any} view @param {any} block @param {any} element @returns {{ value: any, words?: any } | undefined} */
export function draftOf(view, block, element) {
  return drafts.get(view.id)?.[block.block_id]?.[element.action_id];
}

/** What was typed, for a submit or a click, only of blocks that are still there. @param {any} view */
export function formOf(view) {
  const there = new Set(view.blocks.map((/** @type {any} */ block) => block.block_id));
  const form = Object.entries(drafts.get(view.id) ?? {}).filter(([block]) => there.has(block));
  return Object.fromEntries(
    form.map(([block, actions]) => [block, Object.fromEntries(Object.entries(actions).map(([id, draft]) => [id, draft.value]))]),
  );
}

/** @param {string[]} open ids of views that still exist */
export function forgetClosed(open) {
  for (const id of drafts.keys()) if (!open.includes(id)) drafts.delete(id);
}

/** The value to show: what was typed, else what the simulator holds, else null. @param {any} view @param {any} block @param {any} element */
export function valueOf(view, block, element) {
  const draft = view ? draftOf(view, block, element) : undefined;
  if (draft !== undefined) return draft.value;
  const held = view?.state?.values?.[block.block_id]?.[element.action_id] ?? initialOf(element);
  const [, value] = Object.entries(held).find(([name]) => name !== "type") ?? [];
  if (Array.isArray(value)) return value.map((one) => one?.value ?? one);
  return value?.value ?? value ?? null;
}

/** The words of the chosen option of a select that asks the bot. @param {any} view @param {any} block @param {any} element */
export function chosenWords(view, block, element) {
  const draft = view ? draftOf(view, block, element) : undefined;
  if (draft !== undefined) return draft.words ?? "";
  const held = view?.state?.values?.[block.block_id]?.[element.action_id]?.selected_option ?? element.initial_option;
  return held?.text?.text ?? "";
}

/** @param {any} element */
function initialOf(element) {
  const [, value] = Object.entries(element).find(([name]) => name.startsWith("initial_")) ?? [];
  return value === undefined ? {} : { value };
}
