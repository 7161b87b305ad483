/** The live training as the page knows it: its points so far, and whether it runs. */
import type { LiveAsked, LivePoint } from "../compute/training.ts";
import type { FromWorker } from "../messages.ts";
import type { PageState } from "../state.ts";
import type { WorkerLink } from "./worker-link.ts";

export interface Live {
  /** In the order of their steps. */
  readonly points: readonly LivePoint[];
  readonly refusal: string | undefined;
  /** Whether the state asks for more steps than were taken. */
  readonly isRunning: boolean;
  /** Trains as the state says, while its chapter and its tab are in sight. */
  follow(state: PageState): void;
  take(message: FromWorker): void;
}

export function createLive(link: WorkerLink, ready: Promise<void>, refresh: () => void): Live {
  let points: LivePoint[] = [];
  let refusal: string | undefined;
  let key = "";
  let last: PageState | undefined;
  const stepNow = () => points.at(-1)?.step ?? 0;
  const isShown = () => last?.chapter === "train" && !document.hidden;
  const follow = (state: PageState) => {
    last = state;
    const asked: LiveAsked = { encoding: state.encoding, seed: state.seed };
    if (state.chapter !== "train" && key === "") return; // nothing was begun
    if (JSON.stringify(asked) !== key) {
      [key, points, refusal] = [JSON.stringify(asked), [], undefined];
    }
    const to = isShown() ? state.steps : 0;
    void ready.then(() => link.send({ type: "train", asked, to }));
  };
  document.addEventListener("visibilitychange", () => {
    if (last) follow(last);
    refresh();
  });
  return {
    get points() {
      return points;
    },
    get refusal() {
      return refusal;
    },
    get isRunning() {
      return isShown() && refusal === undefined && stepNow() < (last?.steps ?? 0);
    },
    follow,
    take(message) {
      if (message.type !== "trained" && message.type !== "untrained") return;
      if (JSON.stringify(message.asked) !== key) return; // of a training that another took the place of
      if (message.type === "untrained") refusal = message.message;
      else points.push(message.point);
    },
  };
}
