/** State from the address, answers from the worker, a chapter on the screen. */
import { render } from "lit-html";
import type { BuiltAnswers, Catalogue } from "../messages.ts";
import { createApp } from "./app.ts";
import { frame } from "./frame.ts";
import { startWorker } from "./worker-link.ts";
import "./chart-figure.ts";

const data = <T>(id: string) => JSON.parse(document.getElementById(id)?.textContent ?? "") as T;

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
  app.answers.settle();
  app.begin();
  document.getElementById("skip")?.addEventListener("click", (event) => {
    event.preventDefault(); // the address holds the state
    document.getElementById("main")?.focus();
  });
}
