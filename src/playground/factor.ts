/** Contexts are at most so many times as long as the trained ones. */
export const FACTOR = 8;
