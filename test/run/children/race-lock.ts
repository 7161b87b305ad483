/** Tries for the lock of each directory that its parent sends, reports, and gives it back on request. */
import { acquireLock, type RunLock } from "../../../src/run/lock.ts";

let lock: RunLock | undefined;

process.on("message", async (message: { take: string } | "release") => {
  if (message === "release") {
    lock?.release();
    lock = undefined;
    process.send?.("released");
    return;
  }
  try {
    lock = await acquireLock(message.take);
    process.send?.("won");
  } catch (error) {
    process.send?.(String(error));
  }
});
process.send?.("ready");
