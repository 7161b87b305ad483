/** Takes parts of a checkpoint's model out of every pass. */
import { InputError } from "../../errors.ts";
import { ablated } from "../../model/ablate.ts";
import { parseAblation } from "../../model/ablations.ts";
import { meanActivations } from "../../probes/mean-activations.ts";
import type { Subject } from "../../probes/probe.ts";
import type { Checkpoint } from "./checkpoint.ts";

/**
 * The checkpoint with the parts taken out of its model.
 *
 * @param ablate each as `NAME[.HEAD][=zero|mean|uniform]`
 * @param subject whose material means are taken over; without one, none are
 * @throws InputError for a part that the model lacks
 */
export async function withoutParts(
  checkpoint: Checkpoint,
  { ablate }: { readonly ablate: readonly string[] },
  subject?: () => Subject,
): Promise<Checkpoint> {
  const { model } = checkpoint;
  const ablations = ablate.map((text) => parseAblation(model, text));
  const averaged = ablations.find(({ by }) => by === "mean");
  if (averaged === undefined) return { ...checkpoint, model: ablated(model, ablations) };
  if (subject === undefined)
    throw new InputError(
      `--ablate: ${averaged.text}: only probe knows contexts to average over; give =zero here`,
    );
  return { ...checkpoint, model: ablated(model, ablations, await meanActivations(subject(), ablations)) };
}
