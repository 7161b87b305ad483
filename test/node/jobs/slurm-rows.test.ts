/** What squeue said of real arrays (Slurm 22.05), and what follows from it. */
import { describe, expect, test } from "vitest";
import { InputError } from "../../../src/errors.ts";
import { sbatchArguments } from "../../../src/node/jobs/executors/slurm/arguments.ts";
import { requireSlurm } from "../../../src/node/jobs/executors/slurm/commands.ts";
import {
  FORMAT,
  fateOf,
  parseRows,
  statesText,
  type TaskRow,
  whyNever,
} from "../../../src/node/jobs/executors/slurm/rows.ts";
import { nothingSeen, stepsOf } from "../../../src/node/jobs/executors/slurm/steps.ts";

/** Of an array at most six at a time: 1 exited with 2, 2 was killed -9, 3 exited with 3; then 4 and 9 were cancelled. */
const BEFORE = `\
28301152|0|whereabouts-rec|COMPLETED|0|0|None|
28301152|3|whereabouts-rec|FAILED|768|0|NonZeroExitCode|
28301152|2|whereabouts-rec|FAILED|9|0|JobLaunchFailure|
28301152|1|whereabouts-rec|FAILED|512|0|NonZeroExitCode|
28301152|8|whereabouts-rec|PENDING|0|0|Resources|
28301152|9|whereabouts-rec|PENDING|0|0|Resources|
28301152|7|whereabouts-rec|RUNNING|0|0|None|
28301152|6|whereabouts-rec|RUNNING|0|0|None|
28301152|5|whereabouts-rec|RUNNING|0|0|None|
28301152|4|whereabouts-rec|RUNNING|0|0|None|
`;
const AFTER = `\
28301152|4|whereabouts-rec|CANCELLED|15|0|None|
28301152|0|whereabouts-rec|COMPLETED|0|0|None|
28301152|3|whereabouts-rec|FAILED|768|0|NonZeroExitCode|
28301152|2|whereabouts-rec|PENDING|9|1|JobLaunchFailure|
28301152|1|whereabouts-rec|FAILED|512|0|NonZeroExitCode|
28301152|8|whereabouts-rec|RUNNING|0|0|None|
28301152|7|whereabouts-rec|RUNNING|0|0|None|
28301152|6|whereabouts-rec|RUNNING|0|0|None|
28301152|5|whereabouts-rec|COMPLETING|0|0|None|
`;
const read = (text: string) => parseRows(text, "28301152", "whereabouts-rec");
const fates = (rows: ReadonlyMap<number, TaskRow>) =>
  Object.fromEntries([...rows].map(([index, row]) => [index, fateOf(row).kind]));
const row = (state: string, more: Partial<TaskRow> = {}): TaskRow => ({
  ...{ state, status: 0, restarts: 0, reason: "None" },
  ...more,
});

describe("rows", () => {
  test("are asked for whole, and are those of our array and name alone", () => {
    expect(FORMAT).toMatch(/^ArrayJobID:\|,ArrayTaskID:\|,Name:\|,State:\|,exit_code:\|/);
    expect(read(BEFORE).get(2)).toEqual({
      state: "FAILED",
      status: 9,
      restarts: 0,
      reason: "JobLaunchFailure",
    });
    expect(read(BEFORE).size).toBe(10);
    expect(parseRows(BEFORE, "28301152", "whereabouts-other").size).toBe(0); // the id was given again
    expect(parseRows(BEFORE, "28301153", "whereabouts-rec").size).toBe(0);
    expect(parseRows("slurm_load_jobs error: Unable to contact slurm controller\n", "1", "x").size).toBe(0);
    expect(statesText(read(BEFORE).values())).toBe("2 pending (Resources), 4 running");
    expect(statesText([])).toBe("none under way");
  });

  test("say how each task ended, or that it goes on", () => {
    const [ended, going] = ["ended", "going"];
    expect(fates(read(BEFORE))).toEqual({
      ...{ 0: ended, 1: ended, 2: "lost", 3: "refused", 8: going, 9: going },
      ...{ 4: going, 5: going, 6: going, 7: going },
    });
    expect(fates(read(AFTER))).toMatchObject({ 2: going, 4: "cancelled", 5: going });
  });

  test.each<[string, TaskRow, object]>([
    [
      "killed once more than it is started again",
      row("FAILED", { status: 9, restarts: 3 }),
      { kind: "failed" },
    ],
    ["out of time", row("TIMEOUT", { status: 15, restarts: 3 }), { kind: "lost", why: "ran out of time" }],
    ["out of time for ever", row("TIMEOUT", { restarts: 20 }), { advice: 'give more: --slurm "--time=…"' }],
    ["stopped by a signal that it heard", row("FAILED", { status: 130 << 8 }), { kind: "lost" }],
    ["ended by no code of ours", row("FAILED", { status: 137 << 8 }), { kind: "lost" }],
    ["out of memory", row("OUT_OF_MEMORY", { status: 125 }), { kind: "failed", why: "ran out of memory" }],
    ["on a node that is gone", row("NODE_FAIL", { status: 1, restarts: 19 }), { kind: "lost" }],
    ["whose log cannot be opened", row("FAILED", { status: 4021 }), { kind: "refused" }],
    [
      "held after a failed start",
      row("PENDING", { reason: "launch failed requeued held" }),
      { kind: "held" },
    ],
    [
      "held again and again",
      row("PENDING", { reason: "launch failed requeued held", restarts: 3 }),
      { kind: "failed" },
    ],
    ["in a state that is not known", row("SIGNALING"), { kind: "going" }],
  ])("a task %s", (_, given, fate) => {
    expect(fateOf(given)).toMatchObject(fate);
  });

  test("say that no task will ever start, where none runs and none waits for what can come", () => {
    const never = row("PENDING", { reason: "PartitionConfig" });
    expect(whyNever([never, never, row("FAILED")])).toBe("PartitionConfig");
    expect(whyNever([never, row("RUNNING")])).toBeUndefined();
    expect(whyNever([never, row("PENDING", { reason: "Resources" })])).toBeUndefined();
    expect(whyNever([row("COMPLETED")])).toBeUndefined();
    expect(whyNever([])).toBeUndefined();
  });
});

describe("from one look to the next", () => {
  test("what was pending and vanishes was cancelled; what was never seen, or ran, is gone", () => {
    const memory = nothingSeen();
    expect(stepsOf([2, 4, 9, 30], read(BEFORE), memory, 0)).toEqual(
      new Map<number, object>([
        [2, { kind: "requeue", why: "was killed by signal 9" }],
        [30, { kind: "gone" }],
      ]),
    );
    expect(stepsOf([2, 4, 7, 9], read(AFTER), memory, 1000)).toEqual(
      new Map([
        [4, { kind: "cancelled" }],
        [9, { kind: "cancelled" }],
      ]),
    );
    expect(stepsOf([7], new Map([[8, row("RUNNING")]]), memory, 2000)).toEqual(
      new Map([[7, { kind: "gone" }]]),
    );
    expect(stepsOf([9], undefined, memory, 2000)).toEqual(new Map([[9, { kind: "gone" }]]));
  });

  test("a requeue is asked for once, though the next rows are of before", () => {
    const memory = nothingSeen();
    const look = (now: number) => stepsOf([2], read(BEFORE), memory, now).size;
    expect([look(0), look(1_000), look(29_000), look(31_000)]).toEqual([1, 0, 0, 1]);
  });

  test("a result has a minute and a half to appear; without it the task is started again, three times", () => {
    const memory = nothingSeen();
    const look = (now: number, restarts: number) =>
      stepsOf([0], new Map([[0, row("COMPLETED", { restarts })]]), memory, now).get(0)?.kind;
    expect([look(0, 0), look(89_000, 0), look(91_000, 0)]).toEqual([undefined, undefined, "requeue"]);
    expect([look(200_000, 3), look(300_000, 3)]).toEqual([undefined, "failed"]);
  });
});

describe("--slurm", () => {
  test("takes sbatch's long options, with or without dashes, and words in quotes", () => {
    expect(sbatchArguments(`--partition=x time=1:00:00  --comment="a 'b' c" --exclusive`)).toEqual([
      ...["--partition=x", "--time=1:00:00", "--comment=a 'b' c", "--exclusive"],
    ]);
    expect(sbatchArguments("")).toEqual([]);
  });

  test.each<[string, RegExp]>([
    ["-p x", /-p is no long option of sbatch; write --partition=x/],
    ["--array=0-5", /--array is not yours to give/],
    ["--wra=ls", /--wrap is not yours/], // sbatch takes prefixes
    ["--wait", /--wait is not yours/],
    ["--cpus-per-task=4", /give --threads instead/],
    ["; rm", /; is no long option/],
    ['--comment="a', /a quote that is not closed/],
    ["--comment=a\nb", /control characters/],
    [`--comment=${"x".repeat(5000)}`, /more than 4096/],
  ])("refuses %j", (text, message) => {
    expect(() => sbatchArguments(text)).toThrow(InputError);
    expect(() => sbatchArguments(text)).toThrow(message);
  });

  test("without sbatch on the PATH it is refused by what is missing", () => {
    expect(() => requireSlurm("/nonexistent:.")).toThrow(InputError);
    expect(() => requireSlurm("/nonexistent:.")).toThrow(
      /not on the PATH: sbatch, squeue, scancel, scontrol; run/,
    );
  });
});
