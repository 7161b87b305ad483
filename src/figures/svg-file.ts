/** A chart of the page as a file of its own. */

/**
 * The chart in the colours of a light page, without what only a page can resolve: variables, an
 * inherited font and colour.
 */
export function standaloneSvg(svg: string): string {
  return svg
    .replaceAll(/var\(--[\w-]+, (#[0-9a-f]{6})\)/g, "$1")
    .replaceAll(/font-family: ?inherit/g, "font-family: sans-serif")
    .replaceAll("currentColor", "#1c1e21");
}

/** An address that holds the file, so that saving it fetches nothing. */
export function svgAddress(svg: string): string {
  const bytes = new TextEncoder().encode(standaloneSvg(svg));
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""); // btoa takes a character a byte
  return `data:image/svg+xml;base64,${btoa(binary)}`;
}
