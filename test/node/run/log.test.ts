import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { InputError } from "../../../src/errors.ts";
import { appendLog, logPath, readLog, rewindLog, syncLog } from "../../../src/node/run/log.ts";
import {
  endRun,
  type RunRecord,
  readRunJson,
  runJsonPath,
  writeRunJson,
} from "../../../src/node/run/run-json.ts";

let root: string;
let dir: string;
let count = 0;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "log-"));
});
beforeEach(() => {
  count += 1;
  dir = join(root, String(count));
  mkdirSync(dir);
});
afterAll(() => rmSync(root, { recursive: true }));

const text = () => readFileSync(logPath(dir), "utf8");
const steps = () => readLog(dir).map(({ step }) => step);

describe("log.jsonl", () => {
  test("has one object a line and is read as it was written", () => {
    const line = { step: 200, split: "validation", loss: 1.93, tokens: 819_200, seconds: 41.2 };
    appendLog(dir, line);
    appendLog(dir, { step: 200, note: "two\nlines \u2028" });
    syncLog(dir);
    expect(text()).toBe(`${JSON.stringify(line)}\n{"step":200,"note":"two\\nlines \u2028"}\n`);
    expect(readLog(dir)[0]).toEqual(line);
    expect(readLog(dir)).toHaveLength(2);
  });

  test("is empty before the first line", async () => {
    expect(readLog(dir)).toEqual([]);
    syncLog(dir);
    await rewindLog(dir, 5);
    expect(readLog(dir)).toEqual([]);
  });

  test("torn at any byte of its last line, it is read without that line and goes on whole", async () => {
    const torn = '{"step":3,"loss":0.25}\n';
    for (let bytes = 0; bytes < torn.length - 1; bytes += 1) {
      writeFileSync(logPath(dir), `{"step":1}\n{"step":2}\n${torn.slice(0, bytes)}`);
      expect(steps()).toEqual([1, 2]);
      await rewindLog(dir, 2);
      appendLog(dir, { step: 3 });
      expect(text()).toBe('{"step":1}\n{"step":2}\n{"step":3}\n');
    }
  });

  test("keeps a last line that lacks its line break only, and drops the zeros that a power cut leaves", async () => {
    writeFileSync(logPath(dir), '{"step":1}\n{"step":2}');
    await rewindLog(dir, 2);
    expect(text()).toBe('{"step":1}\n{"step":2}\n');
    appendFileSync(logPath(dir), "\0\0\0\0");
    await rewindLog(dir, 2);
    expect(text()).toBe('{"step":1}\n{"step":2}\n');
  });

  test("rewound to a step, it has no line of a later one, so that resuming repeats none", async () => {
    for (const step of [0, 10, 20, 20, 30]) appendLog(dir, { step });
    await rewindLog(dir, 20);
    expect(steps()).toEqual([0, 10, 20, 20]);
    await rewindLog(dir, -1);
    expect(steps()).toEqual([]);
  });

  test.each(["not JSON", "[]", "{}", '{"step":-1}', '{"step":"1"}', ""])(
    "with the line %j before the last, it is refused by number",
    (line) => {
      writeFileSync(logPath(dir), `{"step":1}\n${line}\n{"step":2}\n`);
      expect(() => readLog(dir)).toThrow(InputError);
      expect(() => readLog(dir)).toThrow(/log.jsonl: line 2 is not a JSON object with a step/);
    },
  );

  test("takes no line without a step, and says where it cannot be written", () => {
    expect(() => appendLog(dir, { step: 1.5 })).toThrow(TypeError);
    expect(() => appendLog(join(dir, "missing"), { step: 1 })).toThrow(InputError);
    expect(() => appendLog(join(dir, "missing"), { step: 1 })).toThrow(/cannot be written \(ENOENT\)/);
  });
});

describe("run.json", () => {
  const run: RunRecord = {
    config: { name: "rope", train: { steps: 500 } },
    versions: { whereabouts: "0.1.0", node: "20.19.0" },
    engine: "native",
    threads: 2,
    startedAt: "2026-01-01T00:00:00.000Z",
    status: "running",
    parameters: 1234,
  };

  test("is read as it was written, further fields included, and its end is added last", async () => {
    expect(readRunJson(dir)).toBe(undefined);
    await writeRunJson(dir, run);
    expect(readRunJson(dir)).toEqual(run);
    await endRun(dir, "finished");
    const ended = readRunJson(dir);
    expect(ended).toEqual({ ...run, status: "finished", endedAt: expect.stringMatching(/^20.*Z$/) });
    expect(readFileSync(runJsonPath(dir), "utf8")).toMatch(/"endedAt": "[^"]*"\n\}\n$/);
  });

  test.each([
    ["{", /not JSON/],
    ["[]", /content: /],
    [JSON.stringify({ ...run, status: "done" }), /status: /],
    [JSON.stringify({ ...run, versions: { node: 20 } }), /versions.node: /],
    [JSON.stringify({ ...run, startedAt: "yesterday" }), /startedAt: /],
  ])("%s is refused by field", (content, message) => {
    writeFileSync(runJsonPath(dir), content);
    expect(() => readRunJson(dir)).toThrow(InputError);
    expect(() => readRunJson(dir)).toThrow(message);
  });

  test("cannot be ended when it is missing", async () => {
    await expect(endRun(dir, "failed")).rejects.toThrow(/run.json: is missing/);
  });
});
