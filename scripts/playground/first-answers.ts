/** What the page says before its engine has started, computed here by the code that its worker runs. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { encodings } from "../../src/encodings/index.ts";
import { startEngine } from "../../src/engine/index.ts";
import { readRegular } from "../../src/node/files/regular.ts";
import { openStep } from "../../src/playground/compute/open-model.ts";
import { createDesk } from "../../src/playground/desk.ts";
import { firstQuestions } from "../../src/playground/first-questions.ts";
import type { BuiltAnswers, Catalogue } from "../../src/playground/messages.ts";
import type { ShownModel } from "./build.ts";

/** The catalogue of the models, and the answers to the first questions. */
export async function firstAnswers(
  shown: readonly ShownModel[],
): Promise<{ readonly catalogue: Catalogue; readonly answers: BuiltAnswers }> {
  await startEngine("wasm");
  const folderOf = (encoding: string) => {
    const { path } = shown.find((one) => one.encoding === encoding) as ShownModel;
    const names = ["config.json", "tokenizer.json", "model.safetensors"];
    return new Map(names.map((name) => [name, new Uint8Array(readRegular(join(path, name)))]));
  };
  const desk = createDesk(
    async (folder) => folderOf(folder.split("/")[1] as string),
    () => {},
  );
  const answers = [];
  for (const { kind, asked } of firstQuestions)
    answers.push({ kind, asked, answer: await desk.answer(kind, asked) });
  return { catalogue: await catalogueOf(shown, folderOf), answers };
}

async function catalogueOf(
  shown: readonly ShownModel[],
  folderOf: (encoding: string) => Map<string, Uint8Array>,
): Promise<Catalogue> {
  const { data } = await openStep(folderOf("none"), "none");
  if (data?.kind !== "who") throw new Error("playground: the model of none was not trained on who");
  return {
    models: shown.map(({ encoding, path }) => ({
      encoding,
      title: encodings.find(({ kind }) => kind === encoding)?.title ?? encoding,
      folder: `models/${encoding}/`,
      bytes: statSync(join(path, "model.safetensors")).size,
    })),
    nouns: data.world.nouns,
    verbs: data.world.verbs,
  };
}
