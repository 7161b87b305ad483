/** The sentence on the screen: its words, its other order, and what is asked about it. */
import type { OrderAsked } from "./compute/order.ts";
import type { Catalogue } from "./messages.ts";
import type { PageState } from "./state.ts";

type Story = Pick<PageState, "words" | "order" | "ask">;
type Verbs = Catalogue["verbs"];

/** The two orders and what follows them, as texts. */
export function storyOf({ words, order, ask }: Story, verbs: Verbs): OrderAsked {
  const second = order.map((place) => words[place]);
  return {
    first: words.join(" "),
    second: second.join(" "),
    continuation: continuationOf(words, ask, verbs),
  };
}

/** ". who bites ?" and ". who is bitten ?" for the verb of the words, in either voice. */
export function continuationOf(words: readonly string[], ask: PageState["ask"], verbs: Verbs): string {
  const verb = verbs.find(({ active, participle }) => words.includes(active) || words.includes(participle));
  if (ask === "nothing" || verb === undefined) return "";
  return ask === "agent" ? `. who ${verb.active} ?` : `. who is ${verb.participle} ?`;
}

/** Whether the words state a fact of the world: noun, verb, noun, in either voice, of two nouns. */
export function isFact(
  words: readonly string[],
  { nouns, verbs }: Pick<Catalogue, "nouns" | "verbs">,
): boolean {
  const [first = "", last = ""] = [words[0], words.at(-1)];
  const between = words.slice(1, -1).join(" ");
  const isVerb = verbs.some(
    ({ active, participle }) => between === active || between === `is ${participle} by`,
  );
  return isVerb && first !== last && nouns.includes(first) && nouns.includes(last);
}

/** The same fact in the other voice, its two nouns exchanged in the second order. */
export function inOtherVoice(
  { words }: Pick<PageState, "words">,
  verbs: Verbs,
): Pick<PageState, "words" | "order"> {
  const isActive = words.length === 3;
  const [a = "", ...rest] = words;
  const b = rest.at(-1) ?? "";
  const verb = verbs.find(({ active, participle }) => words.includes(active) || words.includes(participle));
  if (isActive) return { words: [b, "is", verb?.participle ?? "", "by", a], order: [4, 1, 2, 3, 0] };
  return { words: [b, verb?.active ?? "", a], order: [2, 1, 0] };
}

/** The word at one place moved to another; the others close up. */
export function moved(order: readonly number[], from: number, to: number): number[] {
  const left = order.filter((_, i) => i !== from);
  const place = order[from];
  if (place === undefined || to < 0 || to >= order.length) return [...order];
  return [...left.slice(0, to), place, ...left.slice(to)];
}

/** The words at two places exchanged. */
export function exchanged(order: readonly number[], one: number, other: number): number[] {
  return order.map((place, i) => (i === one ? order[other] : i === other ? order[one] : place) as number);
}
