import { describe, expect, test } from "vitest";
import { openAnswers, type Send } from "../../src/playground/answers.ts";

/** A worker whose answers come when they are let go. */
function slowWorker() {
  const asked: string[] = [];
  const waiting: (() => void)[] = [];
  const send = (async (kind: string, { of }: { of: string }) => {
    asked.push(`${kind} ${of}`);
    await new Promise<void>((resolve) => waiting.push(resolve));
    if (of === "broken") throw new Error("no such model");
    return { context: 32, ways: [] };
  }) as unknown as Send;
  const letGo = async () => {
    waiting.shift()?.();
    await new Promise((resolve) => setTimeout(resolve));
  };
  return { asked, send, letGo };
}

describe("answers of the page", () => {
  test("what the build has answered stands until the worker answers", async () => {
    const { send, letGo, asked } = slowWorker();
    const built = [{ kind: "ways" as const, asked: { of: "rope" }, answer: { context: 8, ways: [] } }];
    const answers = openAnswers(built, send, () => {});
    expect(answers.read("ways", { of: "rope" })).toMatchObject({ source: "built", answer: { context: 8 } });
    answers.settle();
    await letGo();
    expect(answers.read("ways", { of: "rope" })).toMatchObject({ source: "live", answer: { context: 32 } });
    answers.settle();
    expect(asked).toEqual(["ways rope"]);
  });

  test("one question at a time; of those that wait only what is still read", async () => {
    const { send, letGo, asked } = slowWorker();
    const answers = openAnswers([], send, () => {});
    for (const of of ["a", "b", "c"]) answers.read("ways", { of });
    answers.settle();
    answers.forget();
    answers.read("ways", { of: "c" });
    answers.settle();
    expect(asked).toEqual(["ways a"]);
    await letGo();
    await letGo();
    expect(asked).toEqual(["ways a", "ways c"]);
  });

  test("a refusal is kept with its reason, and not asked again until the model is dropped", async () => {
    const { send, letGo, asked } = slowWorker();
    const answers = openAnswers([], send, () => {});
    const read = () => answers.read("ways", { of: "broken" });
    read();
    answers.settle();
    await letGo();
    expect(read()).toEqual({ refusal: "no such model" });
    answers.settle();
    expect(asked.length).toBe(1);
    answers.drop("broken");
    read();
    answers.settle();
    expect(asked.length).toBe(2);
  });

  test("what comes back of a model that another took the place of meanwhile is not taken for the other's", async () => {
    const { send, letGo, asked } = slowWorker();
    const answers = openAnswers([], send, () => {});
    answers.read("ways", { of: "own" });
    answers.settle();
    answers.drop("own");
    await letGo();
    expect(answers.read("ways", { of: "own" })).toEqual({});
    answers.settle();
    await letGo();
    expect(answers.read("ways", { of: "own" })).toMatchObject({ source: "live" });
    expect(asked).toEqual(["ways own", "ways own"]);
  });
});
