/** What all chapters share: the state, the answers, the engine and the live training. */
import { PAGE_ENGINES, type StartedPageEngine } from "../../engine/page-engines.ts";
import { readAddress, writeAddress } from "../address.ts";
import { type Answers, openAnswers } from "../answers.ts";
import type { OwnAnswer } from "../compute/own.ts";
import type { BuiltAnswers, Catalogue, FromWorker } from "../messages.ts";
import { DEFAULTS, type PageState } from "../state.ts";
import { isFact } from "../story.ts";
import { createLive, type Live } from "./live.ts";
import type { WorkerLink } from "./worker-link.ts";

export interface App {
  readonly state: PageState;
  readonly catalogue: Catalogue;
  readonly answers: Answers;
  readonly link: WorkerLink;
  readonly live: Live;
  /** The engine that runs; undefined while it starts. */
  readonly engine: StartedPageEngine | undefined;
  /** Why none runs. */
  readonly failure: string | undefined;
  /** The model that was dropped. */
  own: { readonly model?: OwnAnswer; readonly refusal?: string; readonly name?: string };
  /** Changes the state, its address and the screen; `visit` adds to the history of the browser. */
  set(changes: Partial<PageState>, how?: "visit"): void;
  refresh(): void;
  /** Starts the engine. */
  begin(): void;
}

interface AppParts {
  readonly catalogue: Catalogue;
  readonly built: BuiltAnswers;
  readonly link: WorkerLink;
  readonly refresh: () => void;
}

export function createApp({ catalogue, built, link, refresh }: AppParts): App {
  const known = (state: PageState): PageState => withKnown(state, catalogue);
  let state = known(readAddress(location.hash));
  let engine: StartedPageEngine | undefined;
  let failure: string | undefined;
  let started = () => {};
  const ready = new Promise<void>((resolve) => {
    started = resolve;
  });
  const answers = openAnswers(
    built,
    async (kind, asked) => {
      await ready;
      return link.ask(kind, asked);
    },
    refresh,
  );
  const live = createLive(link, ready, refresh);
  link.listen((message: FromWorker) => {
    if (message.type === "started") {
      engine = message.engine;
      started();
    } else if (message.type === "failed") failure = message.message;
    else live.take(message);
    refresh();
  });
  const app: App = {
    ...{ catalogue, answers, link, live, refresh, own: {} },
    get state() {
      return state;
    },
    get engine() {
      return engine;
    },
    get failure() {
      return failure;
    },
    set(changes, how) {
      state = known({ ...state, ...changes });
      const address = `#${writeAddress(state)}`;
      if (how === "visit") history.pushState(null, "", address);
      else history.replaceState(null, "", address);
      live.follow(state);
      refresh();
    },
    begin() {
      const engines = state.engine === "auto" ? PAGE_ENGINES : [state.engine];
      link.send({ type: "start", base: link.base, engines });
      live.follow(state);
    },
  };
  addEventListener("popstate", () => {
    state = known(readAddress(location.hash));
    live.follow(state);
    refresh();
  });
  return app;
}

/** Encodings that the page has no model of are not shown, nor words that its models do not know. */
function withKnown(state: PageState, catalogue: Catalogue): PageState {
  const has = (encoding: string) => catalogue.models.some((one) => one.encoding === encoding);
  const encodings = [...new Set(state.encodings)].filter(has);
  const { words, order } = isFact(state.words, catalogue) ? state : DEFAULTS;
  return {
    ...state,
    ...{ words, order },
    encoding: has(state.encoding) ? state.encoding : "rope",
    encodings: encodings.length > 1 ? encodings : ["none", "rope"],
  };
}
