/** Maps with at most `width` at a time; the results are in the order of the items. */
export async function together<Item, Made>(items: readonly Item[], width: number, make: (item: Item) => Promise<Made>): Promise<Made[]> {
  const made: Made[] = [];
  const queue = items.entries();
  async function worker(): Promise<void> {
    for (const [at, item] of queue) made[at] = await make(item);
  }
  await Promise.all(Array.from({ length: width }, worker));
  return made;
}
