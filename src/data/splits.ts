/** What training never sees, and what it sees. Every kind of data has both. */
export const splits = ["heldout", "train"] as const;
/**
 * What training sees, or what it never sees.
 *
 * @useDeclaredType
 */
export type Split = (typeof splits)[number];
