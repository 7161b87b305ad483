/** What probes are asked about and how much, for `probe` and `compare`. */
export interface MaterialArguments {
  readonly with: readonly string[];
  readonly pairs?: string | undefined;
  readonly text?: string | undefined;
}

export const materialOptions = {
  with: {
    type: "string",
    array: true,
    nargs: 1,
    default: [] as string[],
    describe: "change a size of a probe, as `probe --help` lists them: --with length.factor=2",
  },
  pairs: {
    type: "string",
    requiresArg: true,
    describe:
      'a file of {"context": …, "swapped": …, "answer": …}, one a line, or of BLiMP\'s {"sentence_good": …, "sentence_bad": …}, for probes of order',
  },
  text: { type: "string", requiresArg: true, describe: "a text, for probes of length" },
} as const;
