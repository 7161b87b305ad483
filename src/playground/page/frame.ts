/** What stands around every chapter: the name, the way between chapters, and the engine. */
import { html, type TemplateResult } from "lit-html";
import { writeAddress } from "../address.ts";
import { CHAPTERS, type Chapter, ENGINE_CHOICES, type EngineChoice } from "../state.ts";
import type { App } from "./app.ts";
import { choice, refusal } from "./controls.ts";
import { orderView } from "./order-view.ts";

interface ChapterPage {
  /** In the list of chapters. */
  readonly short: string;
  readonly title: string;
  /** The first chapter comes with the page, the others when they are asked for. */
  readonly load: () => View | Promise<View>;
}

type View = (app: App) => TemplateResult;

const PAGES: Readonly<Record<Chapter, ChapterPage>> = {
  order: { short: "Word order", title: "Dog bites man, man bites dog", load: () => orderView },
  length: {
    short: "Past L_max",
    title: "Past the trained length",
    load: async () => (await import("./length-view.ts")).lengthView,
  },
  position: {
    short: "How position enters",
    title: "How position enters attention",
    load: async () => (await import("./position-view.ts")).positionView,
  },
  compare: {
    short: "Side by side",
    title: "Encodings side by side",
    load: async () => (await import("./compare-view.ts")).compareView,
  },
  train: {
    short: "Train one",
    title: "Train one, and watch order appear",
    load: async () => (await import("./train-view.ts")).trainView,
  },
  own: {
    short: "Your own",
    title: "A model of your own",
    load: async () => (await import("./own-view.ts")).ownView,
  },
};

const views = new Map<Chapter, View>();

/** A chapter's view; until it is loaded, nothing but a sign of it. */
function viewOf(app: App, chapter: Chapter): TemplateResult {
  const view = views.get(chapter);
  if (view !== undefined) return view(app);
  const loaded = PAGES[chapter].load();
  if (!(loaded instanceof Promise)) {
    views.set(chapter, loaded);
    return loaded(app);
  }
  void loaded.then((one) => {
    views.set(chapter, one);
    app.refresh();
  });
  return html`<p role="status">…</p>`;
}

export function frame(app: App): TemplateResult {
  const { chapter } = app.state;
  const { title } = PAGES[chapter];
  document.title = `${title}: whereabouts`;
  return html`
    <header>
      <h1>whereabouts</h1>
      <p>What does a transformer know about <em>where</em>?</p>
      <nav aria-label="Chapters">
        <ol>
          ${CHAPTERS.map((one) => chapterLink(app, one))}
        </ol>
      </nav>
    </header>
    <main id="main" tabindex="-1" class=${chapter}>
      <h2>${title}</h2>
      ${refusal(failureText(app))}
      ${viewOf(app, chapter)}
    </main>
    <footer>${engineLine(app)}</footer>
  `;
}

/** What has failed, and what a reader can do. */
function failureText({ failure, engine, state }: App): string | undefined {
  if (failure === undefined) return undefined;
  if (engine !== undefined) return `${engine.name} has failed; load the page again. ${failure}`;
  const remedy = state.engine === "auto" ? "open it in another browser" : "choose another engine below";
  return `No engine runs, so this page computes nothing new: ${remedy}. ${failure}`;
}

function chapterLink(app: App, chapter: Chapter): TemplateResult {
  const visit = (event: Event) => {
    event.preventDefault();
    app.set({ chapter }, "visit");
    setTimeout(() => document.getElementById("main")?.focus()); // after it is rendered
  };
  return html`<li>
    <a
      href=${`#${writeAddress({ ...app.state, chapter })}`}
      aria-current=${app.state.chapter === chapter ? "page" : "false"}
      @click=${visit}
      >${PAGES[chapter].short}</a
    >
  </li>`;
}

const ENGINE_NAMES: Readonly<Record<EngineChoice, string>> = {
  auto: "whichever starts",
  wasm: "WebAssembly",
  webgpu: "WebGPU",
  webgl: "WebGL",
};

/** The engine that computes, by name; another is started by loading the page again. */
function engineLine({ state, engine, failure, set }: App): TemplateResult {
  const refused = engine?.refused.length ? ` (not started: ${engine.refused.join("; ")})` : "";
  const choose = (chosen: string) => {
    set({ engine: chosen as EngineChoice });
    location.reload();
  };
  return html`
    <p class="engine" role="status" data-engine=${engine?.name ?? ""}>
      ${
        failure === undefined
          ? engine
            ? `Computed in this page by ${engine.detail}${refused}. Nothing is sent anywhere.`
            : "The engine starts …"
          : "No engine runs."
      }
    </p>
    ${choice("Engine", ENGINE_CHOICES, state.engine, choose, (one) => ENGINE_NAMES[one])}
  `;
}
