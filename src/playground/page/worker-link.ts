/** The page's end of the line to its worker. */
import type { Answer, Asked, FromWorker, Kind, ToWorker } from "../messages.ts";
import workerUrl from "../worker.ts?worker&url";

export interface WorkerLink {
  ask<K extends Kind>(kind: K, asked: Asked<K>): Promise<Answer<K>>;
  send(message: ToWorker): void;
  /** Takes what is no answer to a question. */
  listen(take: (message: FromWorker) => void): void;
  /** The folder of the page, with a slash at its end. */
  readonly base: string;
}

/**
 * Starts the worker from a blob that imports it: so it is held to the page's policy, which a worker
 * with an address of its own has only where the host sends it as a header.
 */
export function startWorker(base: string): WorkerLink {
  const address = new URL(workerUrl, import.meta.url).href;
  const blob = new Blob([`import ${JSON.stringify(address)};`], { type: "text/javascript" });
  const worker = new Worker(URL.createObjectURL(blob), { type: "module" });
  const waiting = new Map<number, { resolve(answer: Answer): void; reject(error: Error): void }>();
  let take: (message: FromWorker) => void = () => {};
  let questions = 0;
  worker.addEventListener("message", ({ data }: MessageEvent<FromWorker>) => {
    if (data.type !== "answer" && data.type !== "refusal") return take(data);
    const asker = waiting.get(data.id);
    waiting.delete(data.id);
    if (data.type === "answer") asker?.resolve(data.answer);
    else asker?.reject(new Error(data.message));
  });
  worker.addEventListener("error", (event) => {
    take({ type: "failed", message: event.message || "the worker did not load" });
  });
  return {
    base,
    ask: <K extends Kind>(kind: K, asked: Asked<K>) =>
      new Promise<Answer<K>>((resolve, reject) => {
        const id = questions++;
        waiting.set(id, { resolve: (answer) => resolve(answer as Answer<K>), reject });
        const moved = "files" in asked ? [...asked.files.values()].map(({ buffer }) => buffer) : [];
        worker.postMessage({ type: "ask", id, kind, asked } satisfies ToWorker, moved); // there is no room for two
      }),
    send: (message) => worker.postMessage(message),
    listen(taker) {
      take = taker;
    },
  };
}
