/** The architectures of Hugging Face's libraries that are points of our model's space. */
import { z } from "zod";
import { parseConfig } from "../../config.ts";
import { InputError } from "../../errors.ts";
import type { Model } from "../../model/model.ts";
import { type Architecture, fits, hasPosition, lackedBy, positionOf } from "./architecture.ts";
import { bert } from "./bert.ts";
import { bloom } from "./bloom.ts";
import { distilBert } from "./distilbert.ts";
import { gptNeoX } from "./gpt-neox.ts";
import { gpt2 } from "./gpt2.ts";
import { gptJ } from "./gptj.ts";
import { llama } from "./llama.ts";
import { mistral } from "./mistral.ts";
import { mpt } from "./mpt.ts";
import { opt } from "./opt.ts";
import { phi3 } from "./phi3.ts";
import { qwen2 } from "./qwen2.ts";
import { qwen3 } from "./qwen3.ts";
import { roberta } from "./roberta.ts";
import { smolLm3 } from "./smollm3.ts";

/** One line an architecture; of those that a model is a point of, the first is what it is exported as. */
export const architectures: readonly Architecture[] = [
  gpt2,
  bert,
  gptNeoX,
  bloom,
  roberta,
  distilBert,
  mpt,
  opt,
  gptJ,
  llama,
  mistral,
  qwen2,
  qwen3,
  smolLm3,
  phi3,
];

/** The first architecture that a model is a point of, if there is one. */
export const architectureFor = (model: Model): Architecture | undefined =>
  architectures.find((one) => fits(one, model));

/** Which of the architectures that a model is a point of it shall be. */
export interface ArchitectureChoice {
  /** `model_type` of one that it must be. */
  readonly as?: string | undefined;
  /** `model_type` of one that it is if it fits, as what it came from. */
  readonly rather?: string | undefined;
}

/**
 * The architecture that a model is exported as.
 *
 * @throws InputError that says what keeps the model from being one, or from being the one asked for.
 */
export function requireArchitecture(
  model: Model,
  where: string,
  { as, rather }: ArchitectureChoice = {},
): Architecture {
  const { attention } = model.config;
  const position = positionOf(model);
  if (as !== undefined) return requireFitting(architectureNamed(as, "export: architecture"), model, where);
  const preferred = architectures.find((one) => one.type === rather && fits(one, model));
  const found = preferred ?? architectureFor(model);
  if (found !== undefined) return found;
  const [near] = architectures
    .filter((one) => hasPosition(one, position) && one.fields.attention.is === attention)
    .sort((a, b) => lackedBy(a, model.config).length - lackedBy(b, model.config).length);
  if (near !== undefined) return requireFitting(near, model, where);
  const known = architectures.map((one) => `${one.title} (${one.position}, ${one.fields.attention.is})`);
  throw new InputError(
    `${where}: no architecture of Hugging Face has ${position} positions and ${attention} attention; there are ${known.join(", ")}`,
  );
}

function requireFitting(architecture: Architecture, model: Model, where: string): Architecture {
  const kind = positionOf(model);
  const differing = hasPosition(architecture, kind)
    ? lackedBy(architecture, model.config)
    : [`model.position "${kind}" where it has "${architecture.position}"`];
  if (differing.length === 0) return architecture;
  throw new InputError(
    `${where}: is no ${architecture.title}: ${differing.join(", ")}; train a model without these differences`,
  );
}

/** @throws InputError where config.json names none that is read. */
export function architectureOf(config: unknown, where: string): Architecture {
  const { model_type: type } = parseConfig(z.looseObject({ model_type: z.string() }), config, where);
  return architectureNamed(type, `${where}: model_type`);
}

function architectureNamed(type: string, where: string): Architecture {
  const found = architectures.find((one) => one.type === type);
  if (found !== undefined) return found;
  throw new InputError(
    `${where} ${JSON.stringify(type.slice(0, 80))} is not read; known: ${architectures.map((one) => one.type).join(", ")}`,
  );
}
