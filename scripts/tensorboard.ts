/** What `train --tensorboard` writes: `tensorboard/` in the run's directory, losses in nats. */
import { join } from "node:path";
import { type SummaryWriter, summaries } from "../src/node/native/summary.ts";
import type { RunOptions } from "../src/node/run/training.ts";

type Events = Required<Pick<RunOptions, "onStart" | "onStep" | "onValidation">>;

/**
 * Adds event files to what is told of a run.
 *
 * @throws EngineError on every engine but the native one.
 */
export function withTensorboard(events: Events): Events {
  const open = summaries();
  let writer: SummaryWriter | undefined;
  return {
    onStart(start) {
      writer = open(join(start.directory, "tensorboard"));
      events.onStart(start);
    },
    onStep(result) {
      const { step, lossNats, gradientNorm } = result;
      writer?.scalar("loss/train", lossNats, step);
      writer?.scalar("gradient/norm", gradientNorm, step);
      events.onStep(result);
    },
    onValidation(step, losses, perCharacter) {
      for (const [split, loss] of Object.entries(losses)) {
        if (split !== "train") writer?.scalar(`loss/${split}`, loss, step); // each step has that one
      }
      writer?.flush();
      events.onValidation(step, losses, perCharacter);
    },
  };
}
