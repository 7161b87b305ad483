import { alibi } from "./alibi.ts";
import { cope } from "./cope.ts";
import { dape } from "./dape.ts";
import { deberta } from "./deberta.ts";
import type { EncodingDefinition } from "./encoding.ts";
import { fire } from "./fire.ts";
import { fope } from "./fope.ts";
import { forgetting } from "./forgetting.ts";
import { grape } from "./grape.ts";
import { kerple } from "./kerple.ts";
import { learned } from "./learned.ts";
import { none } from "./none.ts";
import { path } from "./path.ts";
import { polar } from "./polar.ts";
import { relative } from "./relative.ts";
import { rope } from "./rope.ts";
import { sandwich } from "./sandwich.ts";
import { selectiveRope } from "./selective-rope.ts";
import { shaw } from "./shaw.ts";
import { sinusoidal } from "./sinusoidal.ts";
import { t5 } from "./t5.ts";
import { transformerXl } from "./transformer-xl.ts";
import { tupe } from "./tupe.ts";
import { xpos } from "./xpos.ts";
/**
 * Every position encoding. A preset names one by its `kind`.
 *
 * @example
 * assert.ok(encodings.some(({ kind }) => kind === "rope"));
 */
export const encodings: readonly EncodingDefinition[] = [
  none,
  sinusoidal,
  learned,
  relative,
  rope,
  alibi,
  t5,
  kerple,
  fire,
  sandwich,
  xpos,
  shaw,
  transformerXl,
  deberta,
  tupe,
  cope,
  forgetting,
  polar,
  path,
  fope,
  dape,
  grape,
  selectiveRope,
] as unknown as readonly EncodingDefinition[]; // each `create` takes its own config, which its own schema has parsed
