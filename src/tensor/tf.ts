/**
 * The only import of TensorFlow.js below the engines: types and operations of its core.
 *
 * Kernels and gradients are registered by the engine that is started (`engine/`), so the same code
 * runs in Node and in a browser.
 */
export * as tf from "@tensorflow/tfjs-core";
