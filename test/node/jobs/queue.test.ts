/** Which job a process takes next: seeds of one model stay with one process, and none is left idle. */
import { expect, test } from "vitest";
import { openQueue, shapeOfJob } from "../../../src/node/jobs/executors/queue.ts";
import { trainingJob } from "../../../src/node/jobs/job.ts";
import { tinyPreset } from "../run/tiny-run.ts";

/** Two processes take in turn until nothing waits: what each of them took, by shape. */
function taken(shapes: readonly string[], processes = 2): string[] {
  const queue = openQueue(shapes, new Map(), shapes.keys());
  const took = Array.from({ length: processes }, () => "");
  for (let turn = 0; turn < shapes.length; turn++) {
    const process = turn % processes;
    const job = queue.take(process);
    took[process] = `${took[process]}${job === undefined ? "-" : shapes[job]}`;
  }
  expect(queue.take(0)).toBeUndefined();
  return took;
}

test("each process goes on with the shape that it has, and takes one that no other is at", () => {
  expect(taken([..."aaabbbcccddd"])).toEqual(["aaaccc", "bbbddd"]);
  expect(taken([..."abcabcabcabc"])).toEqual(["aaaacc", "bbbbcc"]); // the last shape is shared, or one would wait
});

test("jobs of one shape are shared, in their order; of several shapes, the one of which most wait", () => {
  const queue = openQueue([..."aaaa"], new Map(), [0, 1, 2, 3]);
  expect([0, 1, 0, 1].map((process) => queue.take(process))).toEqual([0, 1, 2, 3]);
  const several = openQueue([..."abbaaabbb"], new Map(), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
  expect([0, 1, 2].map((process) => several.take(process))).toEqual([0, 1, 2]); // four b are left, and three a
});

test("jobs that all differ are taken in their order", () => {
  const queue = openQueue([..."abcd"], new Map(), [0, 1, 2, 3]);
  expect([0, 1, 1, 0].map((process) => queue.take(process))).toEqual([0, 1, 2, 3]);
});

test("a second queue of the same processes begins with what each did last", () => {
  const [shapes, at] = [[..."aabb"], new Map<number, string>()];
  const first = openQueue(shapes, at, shapes.keys());
  for (const process of [0, 1, 0, 1]) first.take(process);
  const second = openQueue(shapes, at);
  for (const job of [2, 0, 3, 1]) second.add(job);
  expect([0, 0, 1, 1].map((process) => second.take(process))).toEqual([0, 1, 2, 3]);
  second.add(1);
  second.clear();
  expect(second.take(0)).toBeUndefined();
});

test("seeds, names and rates of a preset have one shape; other models, data and batches have others", () => {
  const shape = (...changes: string[]) => shapeOfJob(trainingJob(tinyPreset(...changes), []));
  for (const same of ["seed=9", "name=other", "train.learningRate=1e-4", "train.steps=7"])
    expect(shape(same), same).toBe(shape());
  for (const other of ["model.width=16", "model.context=24", "train.batch=3", "train.clip=2"])
    expect(shape(other), other).not.toBe(shape());
  expect(shapeOfJob({ ...trainingJob(tinyPreset(), []), model: { checkpoint: "a" } })).toBe("a");
});
