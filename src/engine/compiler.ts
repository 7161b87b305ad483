/**
 * What an engine may bring beside its kernels: a compiler, which turns a function of tensors into
 * one graph.
 */
import type { tf } from "../tensor/tf.ts";
import type { TensorTree } from "../tensor/tree.ts";

/** Of the operands of products of matrices; weights, sums and all other operations are float32. */
export type Precision = "float32" | "bfloat16";

/** How a function is compiled. */
export interface CompileOptions {
  /** For messages. */
  readonly name: string;
  /**
   * Compile to machine code: seconds on the first call, so worth it for what runs many times.
   * Default false.
   */
  readonly xla?: boolean;
  /**
   * Of products of matrices alone; weights, sums and all other operations stay float32. Needs a
   * compiler. Default float32.
   */
  readonly precision?: Precision;
  /**
   * What the function computes beside its inputs, wholly: graphs are kept for later functions of
   * the same name and `of`. Left out, they are freed with the function.
   */
  readonly of?: string | undefined;
}

/** A function, traced for inputs of one set of shapes. */
export interface Graph<I, O> {
  /** The tensors returned are the caller's to dispose of. */
  run(inputs: I): O;
  close(): void;
}

/**
 * What is compiled: (state, inputs) → (next state, outputs). The next state has the names, in their
 * order, types and shapes of the first.
 */
export type Transition<S, I, O> = (given: { readonly state: S; readonly inputs: I }) => {
  readonly state: S;
  readonly outputs: O;
};

/** A traced transition that keeps its state where it computes. */
export interface StateGraph<S, I, O> {
  step(inputs: I): O;
  read(): S;
  write(state: S): void;
  close(): void;
  /** Sends away the run whose state the graph holds; undefined when there is none. */
  vacate?: (() => void) | undefined;
}

/**
 * What is repeated: (state, inputs, one row of each) → (next state, outputs). The next state has the
 * names, in their order, types and shapes of the one given.
 */
export type Turn<S, I, E, O> = (given: {
  readonly state: S;
  /** The same at every turn. */
  readonly inputs: I;
  readonly each: E;
}) => { readonly state: S; readonly outputs: O };

/** A turn, traced, that runs many times in one call. */
export interface LoopGraph<S, I, O> {
  /**
   * @param each tensors of one row a turn, (n,…)
   * @returns the last state, and the outputs of all turns, (n,…); the caller's to dispose of
   */
  run(given: { readonly state: S; readonly inputs: I; readonly each: TensorTree }): {
    readonly state: S;
    readonly outputs: O;
  };
  close(): void;
}

/** Makes graphs of pure functions. Without one, functions run eagerly, to equal results. */
export interface Compiler {
  /**
   * @param inputs one example: names, shapes and types are taken, values are not
   * @throws TypeError where `fn` captures a tensor from outside or reads a value
   */
  graph<I extends TensorTree, O extends TensorTree>(
    fn: (inputs: I) => O,
    inputs: I,
    options: CompileOptions,
  ): Graph<I, O>;
  /** As `graph`, of a transition. */
  stateGraph<S extends TensorTree, I extends TensorTree, O extends TensorTree>(
    transition: Transition<S, I, O>,
    example: { readonly state: S; readonly inputs: I },
    options: CompileOptions,
  ): StateGraph<S, I, O>;
  /** As `graph`, of a turn; the rows of the example's `each` may be any number. */
  loopGraph<S extends TensorTree, I extends TensorTree, E extends TensorTree, O extends TensorTree>(
    turn: Turn<S, I, E, O>,
    example: { readonly state: S; readonly inputs: I; readonly each: TensorTree },
    options: CompileOptions,
  ): LoopGraph<S, I, O>;
  /** How many parts of a graph may run at the same time. */
  readonly lanes: number;
  /** Runs `fn`; while a function is traced, what `fn` adds is compiled apart from the rest of the graph. */
  apart<T>(fn: () => T): T;
  /** Runs `fn`; while a function is traced, what `fn` adds to the graph waits for what is there. */
  inTurn<T extends tf.Tensor>(fn: () => T): T;
}
