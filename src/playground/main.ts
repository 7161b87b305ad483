/** The page: state from its address, answers from its worker, a chapter on the screen. */
import "./without-eval.ts"; // before any schema is made
import { render } from "lit-html";
import type { BuiltAnswers, Catalogue } from "./messages.ts";
import { createApp } from "./page/app.ts";
import { frame } from "./page/frame.ts";
import { startWorker } from "./page/worker-link.ts";
import "./page/chart-figure.ts";

const data = <T>(id: string) => JSON.parse(document.getElementById(id)?.textContent ?? "") as T;
const root = document.getElementById("page") as HTMLElement;

let due = false;
/** Renders once a turn, whatever has changed. */
function refresh(): void {
  if (due) return;
  due = true;
  setTimeout(() => {
    due = false;
    app.answers.forget();
    render(frame(app), root);
    app.answers.settle();
  });
}

const app = createApp({
  catalogue: data<Catalogue>("catalogue"),
  built: data<BuiltAnswers>("answers"),
  link: startWorker(new URL(".", location.href.replace(/[?#].*/s, "")).href),
  refresh,
});

/** For the console of the browser, and for tests: `await whereabouts.ask("logits", { of: "rope", ids: [0, 8, 24, 9] })`. */
Object.assign(globalThis, { whereabouts: { ask: app.link.ask, live: app.live } });

root.replaceChildren();
render(frame(app), root);
performance.mark("usable");
app.answers.settle();
app.begin();
