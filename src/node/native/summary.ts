/** Event files that TensorBoard reads, through the writer that tfjs-node has. */
import { EngineError } from "../../engine/engine.ts";
import { tf } from "../../tensor/tf.ts";
import { addonPath } from "./setup/status.ts";
import { loadTfjsNode } from "./setup/tfjs-node.ts";

export interface SummaryWriter {
  scalar(name: string, value: number, step: number): void;
  /** Hands what was written to the disk. */
  flush(): void;
}

/** The part of tfjs-node that is called; importing its own types would load it for every engine. */
interface TfjsNode {
  readonly node: { summaryFileWriter(folder: string): SummaryWriter };
}

/**
 * A function that opens a writer of event files in a folder, which is made.
 *
 * @throws EngineError on every engine but the native one.
 */
export function summaries(): (folder: string) => SummaryWriter {
  if (tf.getBackend() !== "tensorflow") {
    throw new EngineError(
      `--tensorboard: only the native engine writes TensorBoard's files, this one is ${tf.getBackend()}; ` +
        "leave it out (log.jsonl has the same losses), or run npm run setup",
    );
  }
  const { node } = loadTfjsNode<TfjsNode>(addonPath()); // started: what was loaded then
  return (folder) => {
    const writer = node.summaryFileWriter(folder);
    return {
      scalar: (name, value, step) => tf.tidy(() => writer.scalar(name, value, step)), // it leaves its operands behind
      flush: () => writer.flush(),
    };
  };
}
