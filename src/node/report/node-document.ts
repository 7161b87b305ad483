/**
 * A document for charts in Node. It has a file of its own so that no browser bundle that draws
 * charts contains linkedom.
 */

/** An empty document by linkedom, loaded when first asked for. */
export async function nodeDocument(): Promise<Document> {
  const { parseHTML } = await import("linkedom");
  // linkedom types its document as its own class; Plot calls only createElement and createElementNS of it.
  return parseHTML("<!doctype html><html><body></body></html>").document as unknown as Document;
}
