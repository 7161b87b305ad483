/** The engine of tests that need one: the native engine where it is installed, else plain JavaScript. */
import { EngineError, type StartedEngine } from "../src/engine/index.ts";
import { startEngine } from "../src/node/native/engines.ts";

/**
 * Starts it with one thread: test files run side by side, and results do not depend on the number of cores.
 *
 * A test that compares engines starts each by its name instead.
 */
export async function startTestEngine(): Promise<StartedEngine> {
  try {
    return await startEngine("native", { threads: 1 });
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return startEngine("cpu");
  }
}
