/** Which presets PyTorch's scripts can train: what they have beside the defaults. */

import type { TextConfig } from "../../src/data/text.ts";
import { InputError } from "../../src/errors.ts";
import { encodingName } from "../../src/model/position-fields.ts";
import { type Preset, parsePreset } from "../../src/train/preset.ts";

/** Those of `pytorch_model.py` whose fields the scripts know. */
const ENCODINGS = ["none", "sinusoidal", "learned"];

/** Fields in which the script in PyTorch follows the preset; in all others it has the default alone. */
const FOLLOWED: ReadonlySet<string> = new Set(["layers", "heads", "width", "context", "bias"]);

/**
 * For one training of a text.
 *
 * @throws InputError at the first field whose value PyTorch's script does not have.
 */
export function requirePeer(preset: Preset): TextConfig {
  const { data } = preset;
  if (data.kind !== "text") throw refused("--train", "data.kind", data.kind, "text");
  requireFollowed("--train", preset, ENCODINGS, { ...data, bos: false });
  return data;
}

/**
 * For a run of a sweep, which is given our batches and our initial values, and so any data whose
 * targets all count.
 *
 * @throws InputError as `requirePeer`
 */
export const requireSweepPeer = (preset: Preset): void =>
  requireFollowed("--sweep", preset, [...ENCODINGS, "relative"], preset.data);

function requireFollowed(
  where: string,
  { model, data, train }: Preset,
  encodings: readonly string[],
  usualData: object,
): void {
  const kind = encodingName(model);
  if (!encodings.includes(kind)) throw refused(where, "model.position.kind", kind, ...encodings);
  const position = { kind };
  const usual = parsePreset({ name: "peer", model: { position }, data: usualData }, where);
  const { objective, precision, positions } = train;
  const pairs = [
    { path: "model", given: omit(model, FOLLOWED), usual: usual.model },
    { path: "data", given: data, usual: usual.data },
    { path: "train", given: { objective, precision, positions }, usual: usual.train },
  ];
  for (const { path, given, usual } of pairs) {
    for (const [field, value] of Object.entries(given)) {
      const only = (usual as Readonly<Record<string, unknown>>)[field];
      if (JSON.stringify(value) !== JSON.stringify(only))
        throw refused(where, `${path}.${field}`, value, only);
    }
  }
}

const omit = (fields: object, names: ReadonlySet<string>) =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !names.has(name)));

const refused = (where: string, path: string, value: unknown, ...known: unknown[]) =>
  new InputError(
    `${where}: ${path} is ${JSON.stringify(value)}, and the script in PyTorch has ${known.map((one) => JSON.stringify(one)).join(", ")} alone; change it with --set`,
  );
