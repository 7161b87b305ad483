/**
 * Controls of as many parameters: where an encoding has more than the reference, the reference runs
 * again with a wider MLP, so that what more numbers do by themselves is seen beside what positions
 * do.
 */
import { conditionNames } from "../../../compare/conditions.ts";
import { createModel } from "../../../model/model.ts";
import { countParameters } from "../../../tensor/params.ts";
import type { Known, Preset } from "../../../train/preset.ts";
import { canonicalJson } from "../../run/names.ts";

/** A preset, and the control that has as many parameters, as near as an MLP's width can come. */
export interface Controlled {
  readonly preset: Preset;
  readonly control: Preset;
}

/**
 * Of each preset that equals the reference in all but its position encoding, and has more
 * parameters by half of what one column of the MLP has, or by more. Presets that need one control
 * share it.
 *
 * @param reference a condition; its preset runs again for each seed, data and field
 */
export function controlsOf(presets: readonly Preset[], reference: string, known: Known): Controlled[] {
  const named = presets[conditionNames(presets).indexOf(reference)]?.name;
  const references = presets.filter(({ name }) => name === named);
  const byRest = new Map(references.map((one) => [restOf(one), one]));
  const controls = new Map<string, Preset>();
  return presets.flatMap((preset): Controlled[] => {
    const one = byRest.get(restOf(preset));
    const width = one && matchingWidth(preset, one, known);
    if (one === undefined || width === undefined) return [];
    const widened = { ...one, name: `${one.name}-mlp${width}`, model: { ...one.model, mlpWidth: width } };
    const key = canonicalJson(widened);
    const control = controls.get(key) ?? widened;
    controls.set(key, control);
    return [{ preset, control }];
  });
}

/** All that a control shares with what it is the control of. */
const restOf = ({ name: _, model: { position: __, ...model }, ...rest }: Preset) =>
  canonicalJson({ ...rest, model });

/** Undefined where the reference itself is as near. */
function matchingWidth({ model }: Preset, { model: reference }: Preset, known: Known): number | undefined {
  const count = (config: Preset["model"]) => countParameters(createModel(config, 2, known.encodings).specs); // tokens cancel
  const { mlpWidth = 4 * reference.width } = reference;
  const own = count(reference);
  const column = count({ ...reference, mlpWidth: mlpWidth + 1 }) - own;
  const more = Math.round((count(model) - own) / column);
  return more > 0 ? mlpWidth + more : undefined;
}
