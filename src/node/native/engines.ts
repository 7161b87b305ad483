/** The engines of Node: those that run anywhere, and TensorFlow's library. */
import { engineStarter, PORTABLE_ENGINES } from "../../engine/index.ts";

/**
 * Starts an engine by name, or with `auto` the first of native, wasm and cpu that starts; as the
 * portable `startEngine` does.
 *
 * @example
 * const engine = await startEngine("cpu");
 * assert.equal(engine.name, "cpu");
 */
export const startEngine = engineStarter({
  ...PORTABLE_ENGINES,
  native: () => import("./start.ts"),
  "native-gpu": () => import("./start-gpu.ts"),
});
