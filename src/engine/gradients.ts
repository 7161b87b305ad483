/**
 * Registers gradients, and the cpu backend's kernels. tfjs-core's own list of gradients is written
 * for bundlers (imports without file extensions) and does not load in Node; the union package
 * registers the same ones.
 */
export const registerGradients = (): Promise<unknown> => import("@tensorflow/tfjs");
