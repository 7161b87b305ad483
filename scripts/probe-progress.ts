/** Draws how far the probes are on stderr: a bar on a terminal, a line for each probe elsewhere. */
import { SingleBar } from "cli-progress";
import { duration } from "../src/figures/format.ts";
import type { AskingEvent } from "../src/node/jobs/asking.ts";
import { oneLine } from "../src/printable.ts";

/** Hears what is asked; call `end` when all is. */
export function probeProgress(stream: NodeJS.WriteStream = process.stderr): {
  onEvent: (event: AskingEvent) => void;
  end: () => void;
} {
  const began = performance.now();
  const counts = { asked: 0, kept: 0 };
  let bar: SingleBar | undefined;
  const write = (text: string) => stream.write(`${oneLine(text)}\n`);
  const stop = () => {
    bar?.stop();
    bar = undefined;
  };
  return {
    onEvent(event) {
      if (event.kind !== "asking") {
        stop(); // a line of its own, above a bar that goes on
        write(event.kind === "left out" ? `left out: ${event.reason}` : `probe: ${event.reason}`);
        return;
      }
      const { probe, step, index, of, kept } = event;
      counts[kept ? "kept" : "asked"]++;
      const name = step === undefined ? probe.name : `${probe.name}, step ${step}`;
      if (!stream.isTTY) {
        write(`probe ${name} (${index + 1} of ${of}): ${kept ? "kept" : probe.question}`);
        return;
      }
      if (bar === undefined) {
        const format = "probe {value} of {total} [{bar}] {duration_formatted}, {name}";
        bar = new SingleBar({ stream, format, gracefulExit: false, clearOnComplete: true });
        bar.start(of, index);
      }
      bar.update(index, { name: oneLine(kept ? `${name}: kept` : name) });
    },
    end() {
      stop();
      const { asked, kept } = counts;
      const seconds = (performance.now() - began) / 1000;
      if (asked + kept > 1) write(`probe: ${asked} asked, ${kept} kept, ${duration(seconds)}`);
    },
  };
}
