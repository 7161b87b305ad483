/** What the worker does: the engine, the models and all that is computed live here. */
import { startPageEngine } from "../engine/page-engines.ts";
import { SUMS_FILE } from "../sums.ts";
import { createDesk } from "./desk.ts";
import type { FromWorker, ToWorker } from "./messages.ts";

const tell = (message: FromWorker) => postMessage(message);
const textOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

let desk: ReturnType<typeof createDesk> | undefined;

/** Answers the page. */
export async function take(data: ToWorker): Promise<void> {
  if (data.type === "start") {
    try {
      const engine = await startPageEngine(data.engines, new URL("engine/", data.base).href);
      desk = createDesk((folder) => readFolder(new URL(folder, data.base)), tell);
      tell({ type: "started", engine });
    } catch (error) {
      tell({ type: "failed", message: textOf(error) });
    }
  } else if (data.type === "train") {
    desk?.train(data.asked, data.to);
  } else {
    try {
      if (desk === undefined) throw new Error("the engine has not started");
      tell({ type: "answer", id: data.id, answer: await desk.answer(data.kind, data.asked) });
    } catch (error) {
      tell({ type: "refusal", id: data.id, message: textOf(error) });
    }
  }
}

/** The files of a published model. */
async function readFolder(folder: URL): Promise<Map<string, Uint8Array>> {
  const names = ["config.json", "tokenizer.json", "model.safetensors", SUMS_FILE];
  const files = names.map(async (name) => {
    const response = await fetch(new URL(name, folder));
    if (!response.ok) throw new Error(`${folder.href}${name}: ${response.status} ${response.statusText}`);
    return [name, new Uint8Array(await response.arrayBuffer())] as const;
  });
  return new Map(await Promise.all(files));
}
