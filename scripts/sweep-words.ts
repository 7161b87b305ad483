/** What the words of `ablate` stand for. */

/** L_max first, as a question about length is read. */
export const gridOf = ({
  context,
  grid,
}: {
  readonly context?: string | undefined;
  readonly grid: readonly string[];
}) => (context === undefined ? grid : [`model.context=${context}`, ...grid]);

/** A JSON object has commas of its own. */
export const wordsOf = (text: string) => (text.startsWith("{") ? [text] : text.split(","));
