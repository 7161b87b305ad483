/**
 * Prints attention and its gradients for cases, a JSON array on stdin; the arguments are how a graph
 * runs ("xla" or "graph") and the number of threads.
 */
import { text } from "node:stream/consumers";
import { compile } from "../../../../src/engine/compile.ts";
import { startEngine } from "../../../../src/node/native/engines.ts";
import { fusedAttention, fusesAttention } from "../../../../src/tensor/fused-attention.ts";
import { tf } from "../../../../src/tensor/tf.ts";
import type { AttentionCase } from "../attention-reference.ts";

const [how, threads] = process.argv.slice(2);
await startEngine("native", { threads: Number(threads) });

function answer({ shapes, values, ...attributes }: AttentionCase): number[][] {
  let fused = false;
  const run = compile(
    ({ dz, ...operands }: Record<string, tf.Tensor>) => {
      fused = fusesAttention();
      const names = Object.keys(operands);
      const attend = (...given: tf.Tensor[]) => {
        const [q, k, v, bias] = given as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D, tf.Tensor | undefined];
        return fusedAttention(q, k, v, bias, attributes);
      };
      const given = Object.values(operands);
      const gradients = tf.grads(attend)(given, dz);
      return { z: attend(...given), ...Object.fromEntries(gradients.map((x, i) => [`d${names[i]}`, x])) };
    },
    { name: "attend", xla: how === "xla" },
  );
  const inputs = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, tf.tensor(values[name] as number[], shape)]),
  );
  const outputs = Object.values(run(inputs)).map((x) => Array.from(x.dataSync()));
  if (!fused) throw new Error("the kernels are not there");
  return outputs;
}

const cases = JSON.parse(await text(process.stdin)) as AttentionCase[];
process.stdout.write(JSON.stringify(cases.map(answer)));
