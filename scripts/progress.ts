/** Draws progress on stderr: a bar on a terminal, a line for every tenth elsewhere. */
import { SingleBar } from "cli-progress";
import type { SetupProgress } from "../src/node/files/progress.ts";

const MEGABYTE = 1e6;

/** Progress of a set-up; call `end` when it is over, also after an error. */
export function setupProgress(stream: NodeJS.WriteStream = process.stderr): SetupProgress & { end(): void } {
  let bar: SingleBar | undefined;
  const end = () => {
    bar?.stop();
    bar = undefined;
  };
  return {
    end,
    step(text) {
      end();
      stream.write(`setup: ${text}\n`);
    },
    bytes(text, total) {
      end();
      if (!stream.isTTY) return tenths(stream, text, total);
      const format = `setup: ${text} [{bar}] {percentage}% of ${Math.round(total / MEGABYTE)} MB`;
      const drawn = new SingleBar({ stream, format, gracefulExit: false });
      drawn.start(total, 0);
      bar = drawn;
      return (done) => drawn.update(Math.min(done, total));
    },
  };
}

/** A log file or a pipe gets a line for each tenth that is reached; a fast step jumps over some. */
function tenths(stream: NodeJS.WriteStream, text: string, total: number): (done: number) => void {
  const megabytes = Math.round(total / MEGABYTE);
  stream.write(`setup: ${text} (${megabytes} MB)\n`);
  let last = 0;
  return (done) => {
    const tenth = Math.min(10, Math.floor((10 * done) / total));
    if (tenth <= last) return;
    last = tenth;
    stream.write(`setup: ${text}: ${tenth}0% of ${megabytes} MB\n`);
  };
}
