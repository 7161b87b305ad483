/** Answers questions about models, and trains one: what the worker does, and the build for its first answers. */
import { logitsOf } from "../probes/logits.ts";
import { disposeTree } from "../tensor/tree.ts";
import type { Folder } from "./compute/folder.ts";
import { type OpenModel, openStep } from "./compute/open-model.ts";
import { askOrder } from "./compute/order.ts";
import { askOwnProbe, openOwn, ownAnswer } from "./compute/own.ts";
import { askLosses, askWays } from "./compute/past-limit.ts";
import { askHeads, askScores } from "./compute/position.ts";
import { type LiveAsked, type LivePoint, type LiveTraining, openLive } from "./compute/training.ts";
import { type Answer, type Asked, type FromWorker, type Kind, OWN } from "./messages.ts";

const LOAD_AGAIN = "load the page again; if that does not help, its host has a damaged copy";

export interface Desk {
  /** @throws Error that says why there is no answer */
  answer<K extends Kind>(kind: K, asked: Asked<K>): Promise<Answer<K>>;
  /** Trains up to a step, telling of each; another training takes the place of the one before. */
  train(asked: LiveAsked, to: number): void;
}

/**
 * @param read gives the files of a published model, by its folder
 * @param tell takes what a training says
 */
export function createDesk(
  read: (folder: string) => Promise<Folder>,
  tell: (message: FromWorker) => void,
): Desk {
  const models = new Map<string, Promise<OpenModel>>();
  const modelOf = (of: string): Promise<OpenModel> => {
    const open = models.get(of);
    if (open !== undefined) return open;
    if (of === OWN) throw new Error("own: no folder was given yet");
    const folder = `models/${of}/`;
    const opened = read(folder).then((files) => openStep(files, `models/${of}`, LOAD_AGAIN));
    models.set(of, opened);
    opened.catch(() => models.delete(of)); // another try reads it again
    return opened;
  };
  const answers: { [K in Kind]: (asked: Asked<K>) => Promise<Answer<K>> } = {
    order: async ({ of, ...asked }) => askOrder(await modelOf(of), asked),
    ways: async ({ of }) => askWays(await modelOf(of)),
    losses: async ({ of, ...asked }) => askLosses(await modelOf(of), asked),
    scores: async ({ of, text }) => askScores(await modelOf(of), { text }),
    heads: async ({ of }) => askHeads(await modelOf(of)),
    logits: async ({ of, ids }) => {
      const { model, params } = await modelOf(of);
      return logitsOf(model, params, ids);
    },
    probe: async ({ of, ...asked }) => askOwnProbe(await modelOf(of), asked),
    async folder({ files }) {
      const opened = await openOwn(files);
      const before = await models.get(OWN);
      if (before) disposeTree(before.params);
      models.set(OWN, Promise.resolve(opened));
      return ownAnswer(opened);
    },
  };
  const lessons = createLessons(tell);
  return {
    answer: (kind, asked) => answers[kind](asked),
    train: (asked, to) => lessons.train(asked, to),
  };
}

interface Lesson {
  readonly key: string;
  readonly asked: LiveAsked;
  readonly live: LiveTraining;
}

/** One training at a time, a step a turn of the event loop, so that questions are answered between. */
function createLessons(tell: (message: FromWorker) => void): Pick<Desk, "train"> {
  let lesson: Lesson | undefined;
  let goal = 0;
  let running = false;
  const step = async ({ key, asked, live }: Lesson, work: () => Promise<LivePoint>) => {
    try {
      const point = await work();
      if (lesson?.key === key) tell({ type: "trained", asked, point });
    } catch (error) {
      goal = 0;
      tell({ type: "untrained", asked, message: error instanceof Error ? error.message : String(error) });
    }
    if (lesson?.key !== key) live.close();
  };
  const run = async (fresh: boolean) => {
    running = true;
    if (fresh && lesson) await step(lesson, lesson.live.look);
    while (lesson !== undefined && lesson.live.step < goal) {
      await step(lesson, lesson.live.next);
      await new Promise((resolve) => setTimeout(resolve));
    }
    running = false;
  };
  return {
    train(asked, to) {
      const key = JSON.stringify(asked);
      const fresh = lesson?.key !== key;
      if (fresh) {
        if (!running) lesson?.live.close(); // else the step that is under way closes it
        lesson = { key, asked, live: openLive(asked) };
      }
      goal = to;
      if (!running) void run(fresh);
    },
  };
}
