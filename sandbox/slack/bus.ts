/** One whole object that changed; `value` null when it is gone. Topics and keys: README. */
export type Change = { readonly topic: string; readonly key: string; readonly value: unknown };

export type Bus = {
  emit(change: Change): void;
  /** @returns a function that ends it */
  subscribe(listen: (change: Change) => void): () => void;
};

export function createBus(): Bus {
  const listeners = new Set<(change: Change) => void>();
  return {
    emit(change) {
      for (const listen of listeners) listen(change);
    },
    subscribe(listen) {
      listeners.add(listen);
      return () => listeners.delete(listen);
    },
  };
}
