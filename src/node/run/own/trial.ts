/**
 * One small step of a user's own encoding before a run begins: what its functions return, and its
 * gradient, must be finite.
 *
 * In training a NaN shows in the loss alone, which tells nothing of where it comes from.
 */
import type { PositionEncoding } from "../../../encodings/encoding.ts";
import { InputError } from "../../../errors.ts";
import type { ModelConfig } from "../../../model/config.ts";
import { createModel, type Model } from "../../../model/model.ts";
import { positionsByLayer } from "../../../model/position-fields.ts";
import { positionsOf, requireDefined } from "../../../model/positions.ts";
import { initialize } from "../../../tensor/params.ts";
import { createRng } from "../../../tensor/rng.ts";
import { tf } from "../../../tensor/tf.ts";
import { disposeTree } from "../../../tensor/tree.ts";
import { meanLoss } from "../../../train/objective.ts";
import type { Preset } from "../../../train/preset.ts";
import { guarded } from "./guard.ts";
import type { Own } from "./index.ts";

/** Enough for every distance of a short context, and little to compute. */
const [VOCABULARY, LAYERS, TOKENS] = [8, 2, 32];

/** @throws InputError that names the file and its function, or the parameter whose gradient is not finite. */
export async function requireFiniteHooks(preset: Preset, own: Own | undefined): Promise<void> {
  if (own?.encoding === undefined) return;
  const where = `--encoding: ${own.encoding.path}`;
  const model = createModel(short(preset.model), VOCABULARY, own.known.encodings);
  const found = guarded(`${where}: a step of training`, () => trial(model, preset));
  try {
    for (const [what, x] of Object.entries(found)) {
      const wrong = (await x.data()).filter((value) => !isSound(what, value)).length;
      if (wrong === 0) continue;
      throw new InputError(
        `${where}: ${what} has ${wrong} of ${x.size} numbers that are not finite, at initial parameters; mend the file`,
      );
    }
  } finally {
    disposeTree(found);
  }
}

/** The first layers, or all of a hybrid: the encoding may be in the last one. */
function short(config: ModelConfig): ModelConfig {
  const several = new Set(positionsByLayer(config, config.layers).map((one) => JSON.stringify(one))).size > 1;
  return several ? config : { ...config, layers: Math.min(LAYERS, config.layers) };
}

/** A bias may hide a key. */
const isSound = (what: string, value: number) =>
  Number.isFinite(value) || (what === "bias" && value === Number.NEGATIVE_INFINITY);

/** What each function returned at its first call, then the gradient by each of the encoding's parameters. */
function trial(model: Model, { seed, train }: Preset): Record<string, tf.Tensor> {
  const T = Math.min(TOKENS, model.shape.context);
  const seen: Record<string, tf.Tensor> = {};
  const watched = {
    ...model,
    encoding: watching(model.encoding, seen),
    ...(model.byLayer && { byLayer: model.byLayer.map((one) => watching(one, seen)) }),
  };
  const rng = createRng(seed, "own-encoding/trial");
  const positions = requireDefined(model, positionsOf(train.positions, T, rng));
  const gradients = tf.tidy(() => {
    const ids = () =>
      tf.tensor2d([Array.from({ length: T }, () => rng.integer(VOCABULARY))], [1, T], "int32");
    const batch = {
      tokens: ids(),
      targets: ids(),
      weights: tf.ones([1, T]) as tf.Tensor2D,
      positions: tf.tensor1d(positions),
    };
    const params = initialize(model.specs, seed);
    const names = Object.keys(params);
    const { grads } = tf.valueAndGrads((...values: tf.Tensor[]) =>
      meanLoss(
        watched,
        Object.fromEntries(names.map((name, i) => [name, values[i] as tf.Tensor])),
        batch,
        {},
      ),
    )(Object.values(params));
    const encodings = [model.encoding, ...(model.byLayer ?? [])];
    const own = encodings.flatMap(({ params = {}, layerParams = {} }) =>
      Object.keys({ ...params, ...layerParams }),
    );
    const isOwn = (name: string) => own.some((param) => name === param || name.endsWith(`.attn.${param}`));
    return Object.fromEntries(
      names.flatMap((name, i) => (isOwn(name) ? [[`the gradient by ${name}`, grads[i] as tf.Tensor]] : [])),
    );
  });
  return { ...seen, ...gradients };
}

/** The encoding, keeping what its functions return first. */
function watching(encoding: PositionEncoding, seen: Record<string, tf.Tensor>): PositionEncoding {
  const watch = <A extends unknown[], R extends tf.Tensor>(hook: string, call: (...args: A) => R) => ({
    [hook]: (...args: A): R => {
      const result = call(...args);
      seen[hook] ??= tf.keep(tf.clone(result));
      return result;
    },
  });
  const { embed, transform, bias, values } = encoding;
  return {
    ...encoding,
    ...(embed && watch("embed", embed)),
    ...(transform && watch("transform", transform)),
    ...(bias && watch("bias", bias)),
    ...(values && watch("values", values)),
  };
}
