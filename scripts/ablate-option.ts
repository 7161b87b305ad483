/** The option with which commands take parts of a model out. */
import type { Options } from "yargs";

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
