/** Tensors by name, nested as the caller likes: what a compiled function takes and returns. */
import { tf } from "./tf.ts";

/** Tensors by name, nested however deep. */
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

/**
 * The tensors of a tree, in the order of its keys, and a text that is the same for trees of equal
 * names, types and shapes.
 *
 * For what is asked at each call of a compiled function: `leaves` takes three times as long.
 */
export function signed(tree: TensorTree): { readonly tensors: tf.Tensor[]; readonly signature: string } {
  const tensors: tf.Tensor[] = [];
  const sign = (branch: TensorTree): string => {
    let text = "";
    for (const [name, value] of Object.entries(branch)) {
      if (value instanceof tf.Tensor) {
        tensors.push(value);
        text += `${name}\0${value.dtype}${value.shape}\0`;
      } else text += `${name}\0{${sign(value)}}`;
    }
    return text;
  };
  return { signature: sign(tree), tensors };
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

/**
 * Disposes of every tensor of a tree.
 *
 * @example
 * const tree = { a: tf.zeros([1]), b: { c: tf.zeros([2]) } };
 * disposeTree(tree);
 * assert.ok(tree.b.c.isDisposed);
 */
export function disposeTree(tree: TensorTree): void {
  for (const { tensor } of leaves(tree)) tensor.dispose();
}
