/** Runs each command line that it is sent, one after another, and answers with its outcome. */
import { runInside } from "../run-inside.ts";

process.on("message", async (args: string[]) => process.send?.(await runInside(...args)));
