/** Tensors by name, nested as the caller likes: what a compiled function takes and returns. */
import { tf } from "./tf.ts";

export interface TensorTree {
  readonly [name: string]: tf.Tensor | TensorTree;
}

/** A tensor of a tree and the names that lead to it. */
export interface Leaf {
  readonly path: readonly string[];
  readonly tensor: tf.Tensor;
}

/** The tensors of a tree, in the order of its keys. */
export function leaves(tree: TensorTree, path: readonly string[] = []): Leaf[] {
  return Object.entries(tree).flatMap(([name, value]) => {
    const here = [...path, name];
    return value instanceof tf.Tensor ? [{ path: here, tensor: value }] : leaves(value, here);
  });
}

/** The tree whose leaves these are. */
export function treeOf(all: readonly Leaf[]): TensorTree {
  const root: Record<string, tf.Tensor | TensorTree> = {};
  for (const { path, tensor } of all) {
    let node = root;
    for (const name of path.slice(0, -1)) {
      node[name] ??= {};
      node = node[name] as Record<string, tf.Tensor | TensorTree>;
    }
    node[path.at(-1) as string] = tensor;
  }
  return root;
}

/** Disposes of every tensor of a tree. */
export function disposeTree(tree: TensorTree): void {
  for (const { tensor } of leaves(tree)) tensor.dispose();
}
