/** Tries for the lock of each directory that its parent sends, reports, and gives it back on request. */
import { acquireLock, type Lock } from "../../../../src/node/files/lock.ts";

let lock: Lock | undefined;

process.on("message", async (message: { take: string } | { busyMs: number } | "release") => {
  if (message === "release") {
    lock?.release();
    lock = undefined;
    process.send?.("released");
    return;
  }
  if ("busyMs" in message) {
    for (const began = performance.now(); performance.now() - began < message.busyMs; );
    process.send?.("rested");
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
