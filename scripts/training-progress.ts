/**
 * Draws the progress of a training run on stderr: a bar on a terminal, a line for each validation
 * elsewhere.
 */
import { SingleBar } from "cli-progress";
import { duration } from "../src/figures/format.ts";
import type { RunOptions } from "../src/node/run/training.ts";
import { oneLine } from "../src/printable.ts";
import { workProgress } from "./work-progress.ts";

type Events = "onStart" | "onStep" | "onValidation" | "onPrepare" | "onPrepareWork";
type Progress = Required<Pick<RunOptions, Events>> & { end(): void };

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
        format: (_options, { progress, value, total, eta }, { train, validation }: Losses) => {
          const left = Number.isFinite(eta) ? `  ${duration(Number(eta))} left` : "";
          const text = `${value}/${total}  train ${train}  validation ${validation}${left}`;
          const room = Math.min(24, (stream.columns ?? 80) - name.length - text.length - 4);
          const drawn = room < 4 ? "" : `${"█".repeat(Math.round(progress * room)).padEnd(room, "░")}  `;
          return `${name} ${drawn}${text}`;
        },
      })
    : undefined;
  let began = 0;
  return {
    onStart({ directory, step }) {
      began = performance.now();
      if (step > 0) stream.write(`${label} goes on from step ${step} in ${directory}\n`);
      bar?.start(steps, step, { train: "–", validation: "–" } satisfies Losses);
    },
    onStep({ step, lossNats }) {
      bar?.update(step, { train: lossNats.toFixed(3) });
    },
    onPrepare(text) {
      stream.write(`${label} ${oneLine(text)}\n`);
    },
    onPrepareWork: workProgress(`${label} `, stream),
    onValidation(step, losses, perCharacter) {
      if (bar) return bar.update({ validation: losses.validation?.toFixed(3) ?? "–" });
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

/** What the bar shows beside itself: the latest losses in nats a token, as text. */
interface Losses {
  readonly train: string;
  readonly validation: string;
}
