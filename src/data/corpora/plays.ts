/**
 * Shakespeare's plays without the markup of their Markdown files: the words of headings, speakers
 * and stage directions stay, each on lines of its own as they were; `#`, `**`, `_`, escapes and the
 * two spaces that end a verse go.
 */

/** The text of a play. */
export function withoutMarkup(markdown: string): string {
  const lines = markdown.split(/\r?\n/u).map((line) =>
    line
      .replace(/^#+\s+/u, "")
      .replace(/(?<!\\)[*_]/gu, "")
      .replace(/\\(?=[\p{P}\p{S}])|\\$/gu, "")
      .trimEnd(),
  );
  return `${lines
    .join("\n")
    .replace(/\n{3,}/gu, "\n\n")
    .trim()}\n`;
}
