/**
 * Draws how far work before a training is on stderr: a bar on a terminal, a line for every tenth
 * elsewhere.
 */
import { SingleBar } from "cli-progress";
import type { ShowWork } from "../src/node/run/text/watch.ts";

/** What takes less is over before it is read. */
const WORTH_SHOWING_MS = 2_000;

/** Shows work by its name; each line begins with `label`. */
export function workProgress(label: string, stream: NodeJS.WriteStream = process.stderr): ShowWork {
  return (work, total, unit) => {
    const begun = performance.now();
    const [size, name] = unit === "bytes" ? [1e6, "MB"] : [1, unit];
    const text = `${label}${work}`;
    const all = `${Math.ceil(total / size)} ${name}`;
    let bar: SingleBar | undefined;
    let tenth = 0;
    return (done) => {
      if (bar === undefined && performance.now() - begun < WORTH_SHOWING_MS) return;
      if (!stream.isTTY) {
        const reached = Math.min(10, Math.floor((10 * done) / total));
        if (reached > tenth) stream.write(`${text}: ${reached}0 % of ${all}\n`);
        tenth = Math.max(tenth, reached);
        return;
      }
      if (bar === undefined) {
        const format = `${text} [{bar}] {percentage} % of ${all}, {eta_formatted} left`;
        bar = new SingleBar({ stream, format, gracefulExit: false, clearOnComplete: true });
        bar.start(total, 0);
      }
      bar.update(Math.min(done, total));
      if (done >= total) bar.stop();
    };
  };
}
