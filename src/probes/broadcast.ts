/** Activations that broadcast, such as a bias of (T,S) for all heads, as the numbers of a whole shape. */
import type { Activation } from "./activations.ts";

/**
 * The values at a shape that the activation broadcasts to, row-major; its own array where it has that shape.
 *
 * @throws TypeError where it does not broadcast to it
 */
export function broadcastTo({ shape, values }: Activation, wanted: readonly number[]): Float32Array {
  const skipped = wanted.length - shape.length;
  const size = wanted.reduce((product, n) => product * n, 1);
  if (skipped < 0 || shape.some((n, i) => n !== 1 && n !== wanted[skipped + i]))
    throw new TypeError(`broadcast: an activation of shape (${shape}) does not broadcast to (${wanted})`);
  if (values.length === size) return values;
  const strides = wanted.map((_, axis) => {
    const own = axis - skipped;
    return own < 0 || shape[own] === 1 ? 0 : shape.slice(own + 1).reduce((product, n) => product * n, 1);
  });
  return Float32Array.from({ length: size }, (_, index) => {
    let [rest, place] = [index, 0];
    for (let axis = wanted.length - 1; axis >= 0; axis--) {
      const n = wanted[axis] as number;
      place += (rest % n) * (strides[axis] as number);
      rest = Math.floor(rest / n);
    }
    return values[place] as number;
  });
}
