/**
 * Parts of a graph that run at the same time, each on one thread.
 *
 * XLA would compile all that can be compiled to one program, which runs one loop after another. It
 * makes no program of nodes whose scopes differ (`GetXlaScope` in
 * tensorflow/compiler/jit/mark_for_compilation_pass.cc), and TensorFlow starts the programs that
 * have their inputs side by side.
 */
import type { NodeDef } from "./protobuf.ts";

const SCOPE = "_XlaInternalScope";

const scoped = (scope: string): NodeDef["attrs"] => ({ [SCOPE]: { kind: "string", value: scope } });

export class Parts {
  #count = 0;
  #current: string | undefined;

  /** Runs `fn`; the nodes that it adds are one part. */
  within<T>(fn: () => T): T {
    this.#current = `part_${this.#count++}`;
    try {
      return fn();
    } finally {
      this.#current = undefined;
    }
  }

  /** What a node that is added now says of its part. */
  mark(): NodeDef["attrs"] {
    return this.#current === undefined ? {} : scoped(this.#current);
  }
}

export const isInPart = ({ attrs }: NodeDef): boolean => SCOPE in attrs;

/** Nodes that stand for one, in its part. */
export function inPartOf({ attrs }: NodeDef, nodes: readonly NodeDef[]): NodeDef[] {
  const scope = attrs[SCOPE];
  return nodes.map((node) => (scope ? { ...node, attrs: { ...node.attrs, [SCOPE]: scope } } : node));
}

/** Nodes of no part are one more, lest XLA make one program of them and a part: the others would wait for it. */
export function withRestApart(nodes: readonly NodeDef[]): readonly NodeDef[] {
  if (!nodes.some(isInPart)) return nodes;
  return nodes.map((node) => ({ ...node, attrs: { ...scoped("rest"), ...node.attrs } }));
}
