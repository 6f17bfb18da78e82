import { isJson, listOf, objectsOf, textOf, type Json } from "../json.ts";

/** An interactive element with the block it stands in. */
export type Found = { readonly element: Json; readonly block: Json; readonly pointer: string };

/** Every block, also those inside containers, carousels and plans, with its pointer. */
export function allBlocks(blocks: unknown, pointer: string): { block: Json; pointer: string }[] {
  return listOf(blocks).flatMap((block, index) => {
    if (!isJson(block)) return [];
    const here = `${pointer}/${index}`;
    const inner = block["type"] === "carousel" ? "elements" : block["type"] === "plan" ? "tasks" : "child_blocks";
    return [{ block, pointer: here }, ...(block[inner] === undefined ? [] : allBlocks(block[inner], `${here}/${inner}`))];
  });
}

/** Every element somebody can press, pick or fill in. */
export function allElements(blocks: unknown, pointer = "/blocks"): Found[] {
  return allBlocks(blocks, pointer).flatMap(({ block, pointer: here }) => {
    const single = ["accessory", "element"].flatMap((member) =>
      isJson(block[member]) ? [{ element: block[member], block, pointer: `${here}/${member}` }] : [],
    );
    const lists = ["elements", "actions"].flatMap((member) =>
      objectsOf(block[member]).map((element, index) => ({ element, block, pointer: `${here}/${member}/${index}` })),
    );
    return [...single, ...lists].filter(({ element }) => interactive(element));
  });
}

function interactive(element: Json): boolean {
  const type = textOf(element["type"]) ?? "";
  if (/^(plain_text|mrkdwn|image|card|rich_text|rich_text_(section|list|quote|preformatted))$/u.test(type)) return false;
  return /button|select|picker|input|overflow|checkboxes/u.test(type);
}

/** The element a click means; with no block id, the first one of that action id. */
export function findElement(blocks: unknown, actionId: string, blockId?: string): Found | undefined {
  return allElements(blocks).find(
    ({ element, block }) => element["action_id"] === actionId && (blockId === undefined || block["block_id"] === blockId),
  );
}
