/** State from the address, answers from the worker, a chapter on the screen. */
import { render } from "lit-html";
import type { BuiltAnswers, Catalogue } from "../messages.ts";
import { createApp } from "./app.ts";
import { frame } from "./frame.ts";
import { startWorker } from "./worker-link.ts";
import "./chart-figure.ts";

const data = <T>(id: string) => JSON.parse(document.getElementById(id)?.textContent ?? "") as T;

/** What is dropped beside the place for it: a browser would leave the page for it, and lose a model. */
function keepDrops(): void {
  for (const type of ["dragover", "drop"]) {
    addEventListener(type, (event) => {
      if (event.defaultPrevented) return; // by the place for it
      event.preventDefault();
      if (event instanceof DragEvent && event.dataTransfer) event.dataTransfer.dropEffect = "none";
    });
  }
}

/** Shows the page, and starts its engine. */
export function begin(): void {
  const root = document.getElementById("page") as HTMLElement;
  let due = false;
  /** Renders once a turn, whatever has changed. */
  const refresh = () => {
    if (due) return;
    due = true;
    setTimeout(() => {
      due = false;
      app.answers.forget();
      render(frame(app), root);
      app.answers.settle();
    });
  };
  const app = createApp({
    catalogue: data<Catalogue>("catalogue"),
    built: data<BuiltAnswers>("answers"),
    link: startWorker(new URL(".", location.href.replace(/[?#].*/s, "")).href),
    refresh,
  });
  // For the console, and for tests: `await whereabouts.ask("logits", { of: "rope", ids: [0, 8, 24, 9] })`.
  Object.assign(globalThis, { whereabouts: { ask: app.link.ask, live: app.live } });
  root.replaceChildren();
  render(frame(app), root);
  performance.mark("usable");
  keepDrops();
  app.answers.settle();
  app.begin();
  document.getElementById("skip")?.addEventListener("click", (event) => {
    event.preventDefault(); // the address holds the state
    document.getElementById("main")?.focus();
  });
}
