/** Text into HTML: everything that comes from a preset, a file or a run goes through here. */

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text that is safe between tags and inside a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] as string);
}

/**
 * Escaped text in which `code in backticks` is marked as code, and L_max, p_i and p_j get their
 * subscripts.
 */
export function proseHtml(text: string): string {
  return escapeHtml(text)
    .replaceAll(/`([^`]+)`/g, "<code>$1</code>")
    .replaceAll(/\b([A-Za-z])_(max|i|j)\b/g, "$1<sub>$2</sub>");
}
