/** 0: done. 1: the answer is no. 2: the question was wrong. */
export const EXIT = { ok: 0, no: 1, usage: 2 } as const;
