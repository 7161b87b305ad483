/** The part of @huggingface/tokenizers that is called; its own types leave out the ends of file names, which Node's rules ask for. */
declare module "@huggingface/tokenizers" {
  export class SplitPreTokenizer {
    constructor(fields: {
      readonly type: "Split";
      readonly pattern: { readonly Regex: string };
      readonly behavior: string;
      readonly invert: boolean;
    });
    /** Null where `pattern` is of neither kind. */
    readonly pattern: RegExp | null;
  }
}
