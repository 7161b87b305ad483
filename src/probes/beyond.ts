/** What can be done past L_max with a trained model, without training it again. */
import { createModel, type Model } from "../model/config.ts";

export interface Variant {
  /** The policy for positions that the encoding does not define; "contiguous" where it defines them all. */
  readonly beyond: string;
  readonly model: Model;
}

/**
 * The models of the same parameters that are defined at every position: the model itself, or, where its encoding stops at L_max and
 * has policies for what lies past it, one under each of them.
 */
export function variantsPast(model: Model): Variant[] {
  if (model.encoding.maxPositions === undefined) return [{ beyond: "contiguous", model }];
  const field = model.definition.config.shape.beyond as
    | { unwrap?(): { options?: readonly string[] } }
    | undefined;
  const policies = field?.unwrap?.().options ?? []; // a zod enum with a default
  return policies
    .map((beyond) => {
      const position = { ...model.config.position, beyond };
      return {
        beyond,
        model: createModel({ ...model.config, position }, model.vocabSize, [model.definition]),
      };
    })
    .filter(({ model: variant }) => variant.encoding.maxPositions === undefined);
}
