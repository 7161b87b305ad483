/** The option with which commands take parts of a model out. */
import type { Options } from "yargs";
import { InputError } from "../src/errors.ts";
import { ablated } from "../src/model/ablate.ts";
import { parseAblation } from "../src/model/ablations.ts";
import type { Checkpoint } from "../src/node/run/checkpoint.ts";
import { meanActivations } from "../src/probes/mean-activations.ts";
import type { Subject } from "../src/probes/probe.ts";

/** Spread into a command's builder: `--ablate`. */
export const ablateOption = {
  ablate: {
    type: "string",
    array: true,
    nargs: 1,
    default: [] as string[],
    describe:
      "take a part out of every pass, NAME[.HEAD][=zero|mean|uniform]: pos, pos_embed, blocks.0.attn.pos, blocks.*.attn.z.3=mean, blocks.1.attn.pattern=uniform; a wrong name is answered by all that the model has",
  },
} as const satisfies Record<string, Options>;

/** What a command gets from it. */
export interface AblateArguments {
  readonly ablate: readonly string[];
}

/**
 * The checkpoint with the parts taken out of its model.
 *
 * @param subject whose material means are taken over; without one, none are
 * @throws InputError for a part that the model lacks
 */
export async function withoutParts(
  checkpoint: Checkpoint,
  { ablate }: AblateArguments,
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
