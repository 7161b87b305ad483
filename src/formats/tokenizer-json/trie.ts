/** Which of many texts begin at a place. */
import { InputError } from "../../errors.ts";
import { quoted } from "../strict-json.ts";

/** A text takes at most so many steps for each of its places. */
const LONGEST = 512;

/** Nodes by parent and UTF-16 unit; the root is 0. */
export interface Trie {
  readonly next: ReadonlyMap<number, number>;
  /** Id of the token that ends at a node, −1 where none does. */
  readonly ends: readonly number[];
}

export const UNITS = 2 ** 16;

/**
 * @param ids a whole number for each text
 * @throws InputError for a text that is too long
 */
export function trieOf(ids: ReadonlyMap<string, number>, where: string): Trie {
  const next = new Map<number, number>();
  const ends = [-1];
  for (const [token, id] of ids) {
    if (token.length > LONGEST)
      throw new InputError(`${where}: ${quoted(token)} is longer than ${LONGEST} characters; no token is`);
    let node = 0;
    for (let i = 0; i < token.length; i++) {
      const key = node * UNITS + token.charCodeAt(i);
      let child = next.get(key);
      if (child === undefined) {
        child = ends.push(-1) - 1;
        next.set(key, child);
      }
      node = child;
    }
    if (node !== 0) ends[node] = id;
  }
  return { next, ends };
}
