/** A person's own folder: what it is, and any probe of it. */
import { openingIds } from "../../data/ends.ts";
import { memoryStore, windowsOf } from "../../data/token-store.ts";
import type { Measurement, Subject } from "../../probes/probe.ts";
import { probesFor, runProbe } from "../../probes/run.ts";
import { countParameters } from "../../tensor/params.ts";
import { isOurs } from "../../train/own-config.ts";
import { type Folder, jsonIn } from "./folder.ts";
import { type OpenModel, openStep } from "./open-model.ts";

/** What a folder holds. */
export interface OwnAnswer {
  readonly encoding: string;
  readonly title: string;
  /** What it was elsewhere, such as "GPT-2". */
  readonly architecture?: string | undefined;
  readonly config: object;
  readonly parameters: number;
  readonly vocabSize: number;
  /** L_max */
  readonly context: number;
  /** Whether the text that it was trained on can be made anew. */
  readonly hasText: boolean;
  /** Probes that it can be asked, with a text beside it. */
  readonly probes: readonly { readonly name: string; readonly question: string }[];
  readonly notes: readonly string[];
}

const WHERE = "your folder";

/** @throws InputError where the folder is no model that can be read */
export async function openOwn(folder: Folder): Promise<OpenModel> {
  if (isOurs(jsonIn(folder, "config.json", WHERE))) return openStep(folder, WHERE);
  return (await import("./open-foreign.ts")).openForeignModel(folder, WHERE);
}

/** Says what was opened. */
export function ownAnswer(open: OpenModel): OwnAnswer {
  const { model, notes } = open;
  return {
    encoding: model.definition.kind,
    title: model.definition.title,
    architecture: open.architecture,
    config: { model: model.config },
    parameters: countParameters(model.specs),
    vocabSize: model.vocabSize,
    context: model.shape.context,
    hasText: open.data?.windows !== undefined,
    probes: probesFor(subjectOf(open, undefined)).map(({ name, question }) => ({ name, question })),
    notes,
  };
}

export interface OwnProbeAnswer {
  readonly rows: readonly Measurement[];
}

/** Runs a probe; a text takes the place of the running text that the model was trained on. */
export async function askOwnProbe(
  open: OpenModel,
  { probe, text }: { readonly probe: string; readonly text: string },
): Promise<OwnProbeAnswer> {
  return { rows: await runProbe(probe, subjectOf(open, text), 1) };
}

/** @param text undefined where it is not known yet, only that there will be one */
function subjectOf({ data, ...open }: OpenModel, text: string | undefined): Subject {
  const { pairs, windows, problems } = data ?? {};
  const [opening] = openingIds(open.tokenizer, data);
  const ids = Int32Array.from(text === undefined ? [0] : open.tokenizer.encode(text));
  const characters = [...(text ?? "?")].length;
  const own = ids.length > 0 ? windowsOf(memoryStore(ids, characters), "typed", opening) : windows;
  return { ...open, material: { pairs, windows: own, problems } };
}
