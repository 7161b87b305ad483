/**
 * Sliding windows as config.json says them: one for all layers (Mistral), or a switch, a size and the
 * kind of each layer (Qwen, SmolLM3). A window of W shows the query's own token and the W − 1 before
 * it, as `model.window` does.
 */
import { z } from "zod";
import { InputError } from "../../errors.ts";
import { MOST_LAYERS, ofLayers } from "../../model/by-layer.ts";
import type { ModelConfig } from "../../model/config.ts";
import { size } from "./fields.ts";

/** Fields of config.json; `layer_types` wins over `max_window_layers`, which older files have alone. */
export const windowFields = {
  use_sliding_window: z.boolean().default(false),
  sliding_window: size.nullish(),
  layer_types: z
    .array(z.enum(["full_attention", "sliding_attention"]))
    .max(MOST_LAYERS)
    .nullish(),
};

interface WindowConfig {
  readonly num_hidden_layers: number;
  readonly use_sliding_window: boolean;
  readonly sliding_window?: number | null | undefined;
  readonly layer_types?: readonly string[] | null | undefined;
}

/**
 * `model.window`, left out where no layer has one.
 *
 * @param slides whether a layer slides where `layer_types` is left out
 * @param usual size where the file names none
 * @throws InputError where a layer slides and no window is given, or layers have no type
 */
export function windowOf(
  { num_hidden_layers: layers, use_sliding_window: on, sliding_window, layer_types: types }: WindowConfig,
  { slides, usual }: { readonly slides: (layer: number) => boolean; readonly usual: number | null },
  where: string,
): { window?: number | (number | null)[] } {
  if (types && types.length !== layers)
    throw new InputError(
      `${where}: layer_types has ${types.length} entries for ${layers} layers; give one each`,
    );
  const given = sliding_window === undefined ? usual : sliding_window;
  const W = on ? given : null;
  const sliding = Array.from({ length: layers }, (_, layer) =>
    types ? types[layer] === "sliding_attention" : W !== null && slides(layer),
  );
  if (W === null && sliding.includes(true))
    throw new InputError(
      `${where}: layer_types has sliding_attention, with use_sliding_window ${on} and sliding_window ${sliding_window}; give both, or full_attention`,
    );
  if (W === null || !sliding.includes(true)) return {};
  return { window: sliding.every(Boolean) ? W : sliding.map((one) => (one ? W : null)) };
}

const windowsOf = ({ window, layers }: ModelConfig): (number | null)[] => ofLayers(window ?? null, layers);

/** The size that all sliding layers share, and which layers slide. */
export function slidingOf(config: ModelConfig): { W: number | null; sliding: boolean[] } {
  const windows = windowsOf(config);
  return { W: windows.find((one) => one !== null) ?? null, sliding: windows.map((one) => one !== null) };
}

/** What of `model.window` such a config.json has no words for. */
export function windowLacks(config: ModelConfig): string[] {
  const sizes = [...new Set(windowsOf(config))].filter((one) => one !== null);
  return sizes.length <= 1
    ? []
    : [`model.window of ${sizes.join(" and ")} tokens where all layers have one size`];
}

/** What of it a config.json that has one window for all layers has no words for. */
export function oneWindowLacks(config: ModelConfig): string[] {
  const { W, sliding } = slidingOf(config);
  const some = W !== null && !sliding.every(Boolean);
  return [
    ...windowLacks(config),
    ...(some ? ["model.window of some layers where all have it, or none"] : []),
  ];
}

/** Fields of config.json. */
export function writtenWindow(config: ModelConfig): Record<string, unknown> {
  const { W, sliding } = slidingOf(config);
  return {
    use_sliding_window: W !== null,
    sliding_window: W,
    layer_types: sliding.map((one) => (one ? "sliding_attention" : "full_attention")),
  };
}

/** How many layers come before the first that slides: what libraries without `layer_types` read. */
export const fullLayers = (sliding: readonly boolean[]): number =>
  sliding.includes(true) ? sliding.indexOf(true) : sliding.length;
