/**
 * Corpora that are fetched where they are missing. Each is a line here and an entry of
 * data/MANIFEST.json, which says from where, and what the text must be.
 */
import { withoutMarkup } from "./plays.ts";

/** By name, how a file of the package becomes plain text. */
export const listedCorpora: Readonly<Record<string, (text: string) => string>> = {
  shakespeare: withoutMarkup,
};
