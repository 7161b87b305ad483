/** Draws the progress of a training run on stderr: a bar on a terminal, a line for each validation elsewhere. */
import { SingleBar } from "cli-progress";
import { oneLine } from "../src/printable.ts";
import type { RunOptions } from "../src/run/training.ts";

type Progress = Required<Pick<RunOptions, "onStart" | "onStep" | "onValidation" | "onPrepare">> & {
  end(): void;
};

/** Progress of a run of `steps` steps; call `end` when it is over. */
export function trainingProgress(
  name: string,
  steps: number,
  stream: NodeJS.WriteStream = process.stderr,
): Progress {
  const label = name.padEnd(12);
  const bar = stream.isTTY
    ? new SingleBar({
        stream,
        hideCursor: true,
        gracefulExit: false,
        format: `${label} [{bar}] {value}/{total} steps, loss {loss} nats, {eta_formatted} left`,
      })
    : undefined;
  let began = 0;
  return {
    onStart({ directory, step }) {
      began = performance.now();
      if (step > 0) stream.write(`${label} goes on from step ${step} in ${directory}\n`);
      bar?.start(steps, step, { loss: "-" });
    },
    onStep({ step, lossNats }) {
      bar?.update(step, { loss: lossNats.toFixed(3) });
    },
    onPrepare(text) {
      stream.write(`${label} ${oneLine(text)}\n`);
    },
    onValidation(step, losses, perCharacter) {
      if (bar) return;
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      const text = Object.entries(losses).map(([split, loss]) => {
        const each = perCharacter?.[split];
        return `${split} ${loss.toFixed(3)}${each === undefined ? "" : ` (${each.toFixed(3)} a character)`}`;
      });
      stream.write(`${label} step ${step}/${steps}  ${text.join("  ")} nats  ${seconds} s\n`);
    },
    end: () => bar?.stop(),
  };
}
