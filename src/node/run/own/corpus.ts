/** Corpora of the user's own: `--corpus FILE`. */
import { z } from "zod";
import type { CorpusDefinition, CorpusParts, Texts } from "../../../data/corpora/corpus.ts";
import { corpora } from "../../../data/text.ts";
import { InputError } from "../../../errors.ts";
import { guardedAsync, shown } from "./guard.ts";
import type { OwnKind } from "./load.ts";
import { callable, ownName } from "./names.ts";

const fields: { readonly [K in keyof Required<CorpusDefinition>]: z.ZodType } = {
  name: ownName("corpus", corpora),
  licence: z.string().min(1),
  source: z.string().min(1),
  parts: callable,
};

export const ownCorpus: OwnKind<CorpusDefinition> = {
  option: "corpus",
  plural: "corpora",
  marks: ["licence", "parts"],
  example: 'defineCorpus({ name: "my-corpus", … })',
  schema: z.looseObject(fields),
  checked,
};

/** The corpus, whose parts are checked for being texts. */
function checked(corpus: CorpusDefinition, file: string): CorpusDefinition {
  const where = `${file}: parts`;
  return {
    ...corpus,
    async parts(): Promise<CorpusParts> {
      const made: unknown = await guardedAsync(where, () => corpus.parts());
      if (typeof made !== "object" || made === null || !("train" in made)) {
        throw new InputError(
          `${where} returned ${shown(made)}; return { train: [text, …], heldout: [text, …] }`,
        );
      }
      const { train, heldout } = made as CorpusParts;
      return {
        train: texts(train, `${where}: train`),
        ...(heldout !== undefined && { heldout: texts(heldout, `${where}: heldout`) }),
      };
    },
  };
}

async function* texts(given: Texts, where: string): AsyncGenerator<string> {
  const isList =
    typeof given === "object" &&
    given !== null &&
    (Symbol.iterator in given || Symbol.asyncIterator in given);
  if (!isList) throw new InputError(`${where} is ${shown(given)}; give a list of texts`);
  const iterator = Symbol.asyncIterator in given ? given[Symbol.asyncIterator]() : given[Symbol.iterator]();
  for (let i = 0; ; i++) {
    const { done, value } = await guardedAsync(where, async () => iterator.next());
    if (done) return;
    if (typeof value !== "string")
      throw new InputError(`${where}.${i} is ${shown(value)}; give texts as strings`);
    if (/\p{Surrogate}/u.test(value))
      throw new InputError(
        `${where}.${i} holds half of a surrogate pair, which UTF-8 has not; mend the text`,
      );
    yield value;
  }
}
