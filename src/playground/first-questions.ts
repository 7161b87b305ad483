/** Questions whose answers the page has before its engine starts: those of the state without an address. */
import { verbs } from "../data/corpora/who-words.ts";
import { FACTOR } from "./factor.ts";
import type { Asked, Kind } from "./messages.ts";
import { ASKS, DEFAULTS } from "./state.ts";
import { storyOf } from "./story.ts";

const CONTEXT = 32;

const ordersOf = (of: string, asks: readonly (typeof ASKS)[number][]) =>
  asks.map((ask) => ({ kind: "order" as const, asked: { of, ...storyOf({ ...DEFAULTS, ask }, verbs) } }));

export const firstQuestions: readonly { readonly kind: Kind; readonly asked: Asked }[] = [
  ...ordersOf(DEFAULTS.encoding, ASKS),
  ...ordersOf("none", ASKS),
  { kind: "ways", asked: { of: DEFAULTS.encoding } },
  { kind: "losses", asked: { of: DEFAULTS.encoding, way: "as-it-is", length: FACTOR * CONTEXT } },
];
