/**
 * Graphs that outlive the one who compiled them: the next seed of a model, and the next step of a
 * run, compile nothing.
 */
import type { Compiler } from "./compiler.ts";

/** What a preset's validation and three probes need under five policies, and some of another's. */
const MOST = 64;

interface Closable {
  close(): void;
}

const kept = new WeakMap<Compiler, Map<string, Closable>>();

/**
 * The graph of a key, made where there is none. Beyond so many, the one that was used least recently
 * is freed: hold none between two calls.
 *
 * @param key of what the graph computes, wholly, and of the form of its inputs
 */
export function keptGraph<G extends Closable>(compiler: Compiler, key: string, make: () => G): G {
  const graphs = kept.get(compiler) ?? new Map<string, Closable>();
  kept.set(compiler, graphs);
  const graph = (graphs.get(key) as G | undefined) ?? make(); // a key says the form of what it is of
  graphs.delete(key);
  graphs.set(key, graph); // the last one used is the last one there
  for (const [oldest, { close }] of graphs) {
    if (graphs.size <= MOST) break;
    graphs.delete(oldest);
    close();
  }
  return graph;
}
