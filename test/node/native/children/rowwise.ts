/**
 * Prints what normalization and GELU make of cases, a JSON array on stdin, and their gradients; the
 * arguments are how a graph runs ("xla" or "graph") and the number of threads.
 */
import { text } from "node:stream/consumers";
import { compile } from "../../../../src/engine/compile.ts";
import { startEngine } from "../../../../src/node/native/engines.ts";
import { GELU, gelu } from "../../../../src/tensor/activations.ts";
import { layerNorm, NORMALIZATION, rmsNorm } from "../../../../src/tensor/norms.ts";
import { engineHas } from "../../../../src/tensor/ops.ts";
import { tf } from "../../../../src/tensor/tf.ts";
import type { RowwiseCase } from "../rowwise-reference.ts";

const [how, threads] = process.argv.slice(2);
await startEngine("native", { threads: Number(threads) });

function answer({ kind, shape, epsilon, values }: RowwiseCase): Record<string, unknown> {
  const operands = Object.keys(values).filter((name) => name !== "dy");
  let inOne = false;
  const run = compile(
    (inputs: Record<string, tf.Tensor>) => {
      inOne = engineHas(NORMALIZATION) && engineHas(GELU);
      const fn = (x: tf.Tensor, gain?: tf.Tensor, bias?: tf.Tensor): tf.Tensor => {
        if (kind === "gelu") return gelu(x);
        if (kind === "rms") return rmsNorm(x, gain as tf.Tensor1D, epsilon);
        return layerNorm(x, gain as tf.Tensor1D, bias as tf.Tensor1D | undefined, epsilon);
      };
      const given = operands.map((name) => inputs[name] as tf.Tensor);
      const gradients = tf.grads(fn as (...args: tf.Tensor[]) => tf.Tensor)(given, inputs.dy);
      const y = fn(...(given as [tf.Tensor, tf.Tensor?, tf.Tensor?]));
      return { y, ...Object.fromEntries(gradients.map((x, i) => [`d${operands[i]}`, x])) };
    },
    { name: "rowwise", xla: how === "xla" },
  );
  const width = shape.at(-1) as number;
  const inputs = Object.fromEntries(
    Object.entries(values).map(([name, x]) => [
      name,
      tf.tensor(
        x.map((number) => number ?? Number.NaN), // as JSON writes it
        name === "gain" || name === "bias" ? [width] : [...shape],
      ),
    ]),
  );
  const outputs = run(inputs);
  const numbers = Object.entries(outputs).map(([name, x]) => [name, Array.from(x.dataSync())]);
  return { inOne, shape: outputs.y?.shape, ...Object.fromEntries(numbers) };
}

const cases = JSON.parse(await text(process.stdin)) as RowwiseCase[];
process.stdout.write(JSON.stringify(cases.map(answer)));
