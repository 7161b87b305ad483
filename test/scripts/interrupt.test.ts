/** What is a second request to end at once, and what is the first one once more. */
import { afterEach, expect, test, vi } from "vitest";
import { interruptible } from "../../scripts/interrupt.ts";

const exit = vi.spyOn(process, "exit").mockImplementation(() => undefined as never);
const events: NodeJS.EventEmitter = process;
let asked: ReturnType<typeof interruptible> | undefined;

function underNpm(): void {
  vi.stubEnv("npm_lifecycle_event", "train");
  asked = interruptible();
}

afterEach(() => {
  asked?.release();
  vi.unstubAllEnvs();
  exit.mockClear();
});

test("npm's end, then the signal that ended it: what came first is being served", () => {
  underNpm();
  events.emit("npmEnded");
  expect(asked?.signal.aborted).toBe(true);
  events.emit("SIGHUP", "SIGHUP");
  expect(exit).not.toHaveBeenCalled();
  events.emit("SIGHUP", "SIGHUP");
  expect(exit).toHaveBeenCalledExactlyOnceWith(130);
});

test("under npm the first of another name is the same request, a third of one name is not", () => {
  underNpm();
  for (const signal of ["SIGINT", "SIGINT", "SIGHUP"]) events.emit(signal, signal);
  expect(exit).not.toHaveBeenCalled();
  events.emit("SIGINT", "SIGINT");
  expect(exit).toHaveBeenCalledExactlyOnceWith(130);
});

test("without npm the second ends at once", () => {
  vi.stubEnv("npm_lifecycle_event", undefined);
  asked = interruptible();
  events.emit("SIGHUP", "SIGHUP");
  expect(exit).not.toHaveBeenCalled();
  events.emit("SIGHUP", "SIGHUP");
  expect(exit).toHaveBeenCalledExactlyOnceWith(130);
});
