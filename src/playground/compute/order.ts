/** Two orders of the same words: what a model expects next after each, and where it tells them apart. */
import { openingIds } from "../../data/ends.ts";
import { type Comparison, comparePair } from "../../probes/pair.ts";
import type { OpenModel } from "./open-model.ts";

/** What is asked: two orders, and what follows both, such as ". who bites ?". */
export interface OrderAsked {
  readonly first: string;
  readonly second: string;
  readonly continuation: string;
}

/** Tokens of each distribution that are told, the likeliest: all of a small vocabulary. */
const TOLD = 64;

/** @throws InputError for a word outside the vocabulary */
export async function askOrder(open: OpenModel, asked: OrderAsked): Promise<Comparison> {
  const { first, second, continuation } = asked;
  const opening = openingIds(open.tokenizer, open.data);
  const whole = (sentence: string) => `${sentence} ${continuation}`.trim();
  const [found] = await comparePair(open, whole(first), whole(second), { opening, top: TOLD });
  return { ...(found as Comparison), continuation }; // there is one a question, and one without
}
