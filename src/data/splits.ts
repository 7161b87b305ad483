/** What training never sees, and what it sees. Every kind of data has both. */
export const splits = ["heldout", "train"] as const;
export type Split = (typeof splits)[number];
