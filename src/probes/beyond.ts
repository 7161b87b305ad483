/** What can be done past L_max with a trained model, without training it again. */
import { POSITIONS } from "../encodings/encoding.ts";
import { createModel, type Model } from "../model/config.ts";

export interface Variant {
  /** The policy for positions that the encoding does not define; "contiguous" where it defines them all. */
  readonly beyond: string;
  readonly model: Model;
}

/**
 * The models of the same parameters that are defined at so many positions: the model itself, or, where its encoding stops before and
 * has policies for what lies past it, one under each of them.
 */
export function variantsPast(model: Model, positions: number): Variant[] {
  const reaches = ({ encoding }: Model) => positions <= (encoding.maxPositions ?? POSITIONS);
  if (reaches(model)) return [{ beyond: "contiguous", model }];
  const field = model.definition.config.shape.beyond as
    | { unwrap?(): { options?: readonly string[] } }
    | undefined;
  const policies = field?.unwrap?.().options ?? []; // a zod enum with a default
  return policies
    .map((beyond) => {
      const position = { ...model.config.position, beyond };
      return {
        beyond,
        model: {
          ...createModel({ ...model.config, position }, model.vocabSize, [model.definition]),
          ...(model.tap && { tap: model.tap }),
        },
      };
    })
    .filter(({ model: variant }) => reaches(variant));
}
