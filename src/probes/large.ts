/** Models of real size, of which a probe asks less unless it is told otherwise. */
import type { Model } from "../model/model.ts";
import { countParameters } from "../tensor/params.ts";

/** Parameters from which a model is large: a pass over 1,000 tokens takes about a second on two cores. */
const LARGE = 2 ** 24;

export const isLarge = ({ specs }: Pick<Model, "specs">): boolean => countParameters(specs) >= LARGE;
