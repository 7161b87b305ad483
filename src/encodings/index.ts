import type { EncodingDefinition } from "./encoding.ts";
import { learned } from "./learned.ts";
import { none } from "./none.ts";
import { relative } from "./relative.ts";
import { sinusoidal } from "./sinusoidal.ts";

/** Every position encoding. A preset names one by its `kind`. */
export const encodings: readonly EncodingDefinition[] = [
  none,
  sinusoidal,
  learned,
  relative,
] as unknown as readonly EncodingDefinition[]; // each `create` takes its own config, which its own schema has parsed
