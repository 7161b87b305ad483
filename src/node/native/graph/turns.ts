/** Parts of a graph that run one after another. */

/**
 * TensorFlow starts whatever has its inputs, and so would hold the intermediate values of all parts
 * at once. Here the nodes with which a part starts wait, by a control input, for the last node of
 * the part before.
 */
export class Turns {
  #turn: { readonly after: string; readonly nodes: Set<string> } | undefined;

  /** Runs `fn`; the nodes that it adds wait for the node `last`. */
  afterNode<T>(last: string | undefined, fn: () => T): T {
    const outer = this.#turn;
    if (last !== undefined) this.#turn = { after: last, nodes: new Set() };
    try {
      return fn();
    } finally {
      this.#turn = outer;
    }
  }

  /** The control inputs of a node that is added: none where it follows from a node of the same turn. */
  waits(name: string, inputs: readonly string[]): string[] {
    if (this.#turn === undefined) return [];
    const { after, nodes } = this.#turn;
    const follows = inputs.some((input) => nodes.has(input.slice(0, input.lastIndexOf(":"))));
    nodes.add(name);
    return follows ? [] : [`^${after}`];
  }
}
