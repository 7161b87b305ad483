/** Contexts of more than 1,024 tokens: in parts where scores or a bias are held, else whole. */
import { expect, test } from "vitest";
import { compile } from "../../../../src/engine/compile.ts";
import { forward } from "../../../../src/model/transformer.ts";
import { traceTree } from "../../../../src/node/native/graph/trace-tree.ts";
import { tf } from "../../../../src/tensor/tf.ts";
import { disposeTree } from "../../../../src/tensor/tree.ts";
import { idsTensor, livelyParams, smallModel, someTokens } from "../../../model/small.ts";
import { backend, describeNative, expectEqualContents } from "./native.ts";

const LENGTH = 1100;

describeNative("a long context", () => {
  test.skipIf(process.platform === "darwin").each([
    ["rope", {}, 1],
    ["none", { attention: "bidirectional" }, 1],
    ["relative", {}, 2], // its bias, (H,T,S), is held
    ["none", { window: 400 }, 0], // the kernel knows no window
  ] as const)("%s with %o has %i calls of the kernel, and logits of parts of 500", (kind, fields, calls) => {
    const model = smallModel({ kind }, { ...fields, layers: 1, width: 8, context: LENGTH });
    const inputs = {
      params: livelyParams(model),
      tokens: idsTensor(someTokens(1, LENGTH)),
      positions: tf.range(0, LENGTH),
    };
    const logits = (queries?: number) => (given: typeof inputs) => ({
      y: forward(model, given.params, given.tokens, given.positions, queries ? { queries } : {}),
    });
    const { nodes } = traceTree(backend(), { name: "long" }, logits(), inputs);
    const targets = nodes.map(({ attrs }) => attrs.call_target_name);
    expect(targets.filter((x) => x?.kind === "string" && x.value === "whereabouts.attention").length).toBe(
      calls,
    );
    const [ours, parts] = [undefined, 500].map((n) => compile(logits(n), { name: "long" })(inputs));
    expectEqualContents(ours as { y: tf.Tensor }, parts as { y: tf.Tensor }, 1e-5);
    disposeTree({ ...inputs, ours: ours as { y: tf.Tensor }, parts: parts as { y: tf.Tensor } });
  });
});
