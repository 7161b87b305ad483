/** The option with which `import` and `export` write a model whose weights are not all numbers. */
import type { Options } from "yargs";

export const keepNotFiniteOption = {
  "keep-not-finite": {
    type: "boolean",
    default: false,
    describe: "write weights that are NaN or infinite too; without it they are refused",
  },
} as const satisfies Record<string, Options>;

/** What a command gets from `keepNotFiniteOption`. */
export interface KeepNotFiniteArguments {
  readonly keepNotFinite: boolean;
}
