/** Tables with a row for each distance of a key from its query, up to a window. */
import { z } from "zod";

/**
 * The largest distance with a row of its own; "context": L_max − 1, the widest of use. By default a
 * quarter of the default L_max.
 */
export const windowField = z.union([z.int().positive().max(65_536), z.literal("context")]).default(8);

/** The window in tokens, and the rows of its table: causal ones hold the distances −reach … 0 alone. */
export function distanceTable(
  window: z.output<typeof windowField>,
  { context, causal }: { readonly context: number; readonly causal: boolean },
): { readonly reach: number; readonly rows: number } {
  const reach = window === "context" ? Math.max(1, context - 1) : window;
  return { reach, rows: causal ? reach + 1 : 2 * reach + 1 };
}
