/**
 * No positions at all ("NoPE"): z_i = v_i.
 *
 * Bidirectional attention is then equivariant under permutations. A causal mask alone breaks that
 * from the second layer on, since the number of visible keys differs (Haviv et al. 2022; Kazemnejad
 * et al. 2023).
 */
import { z } from "zod";
import { defineEncoding } from "./encoding.ts";

export const none = defineEncoding({
  kind: "none",
  title: "No positions",
  source: "Haviv et al. 2022, arXiv:2203.16634; Kazemnejad et al. 2023, arXiv:2305.19466",
  relative: true,
  config: z.strictObject({}),
  create: () => ({}),
});
