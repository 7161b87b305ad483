/** `train --tensorboard`: the event files, read as TensorBoard reads them. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { nativeStatus } from "../../src/node/native/setup/status.ts";
import { readLog } from "../../src/node/run/log.ts";
import { LEARNED, run, TINY } from "./run-command.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tensorboard-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const train = (name: string, engine: string) =>
  run("train", LEARNED, "--out", join(folder, name), "--engine", engine, "--tensorboard", ...TINY);

interface Scalar {
  readonly tag: string;
  readonly step: number;
  readonly value: number;
}

/** TFRecords: length (8 bytes), its checksum (4), the event, its checksum (4). */
function recordsOf(file: Buffer): Buffer[] {
  const records: Buffer[] = [];
  for (let at = 0; at < file.length; ) {
    const length = Number(file.readBigUInt64LE(at));
    records.push(file.subarray(at + 12, at + 12 + length));
    at += 12 + length + 4;
  }
  return records;
}

/** The fields of a protobuf message: number → bytes or value. */
function fieldsOf(message: Buffer): Map<number, Buffer | number> {
  const fields = new Map<number, Buffer | number>();
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = message[at++] as number;
      value += (byte & 127) * shift;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const key = varint();
    const [field, kind] = [key >> 3, key & 7];
    if (kind === 0) fields.set(field, varint());
    else {
      const length = kind === 1 ? 8 : kind === 5 ? 4 : varint();
      fields.set(field, message.subarray(at, at + length));
      at += length;
    }
  }
  return fields;
}

/**
 * Event: step 2, summary 5; Summary: value 1; Value: tag 1, simple_value 2 (event.proto,
 * summary.proto of TensorFlow).
 */
function scalarsOf(file: Buffer): Scalar[] {
  return recordsOf(file).flatMap((record) => {
    const event = fieldsOf(record);
    const summary = event.get(5);
    if (!(summary instanceof Buffer)) return [];
    const value = fieldsOf(fieldsOf(summary).get(1) as Buffer);
    const number = (value.get(2) as Buffer).readFloatLE(0);
    return [{ tag: String(value.get(1)), step: event.get(2) as number, value: number }];
  });
}

test.skipIf(!nativeStatus().ready)(
  "every step's loss and every validation are there, as in the log",
  async () => {
    const { code, stderr } = await train("run", "native");
    expect({ code, stderr: stderr.includes("Error") }).toEqual({ code: 0, stderr: false });
    const events = readdirSync(join(folder, "run", "tensorboard"));
    expect(events).toHaveLength(1);
    expect(events[0]).toMatch(/^events\.out\.tfevents\./);
    const scalars = scalarsOf(readFileSync(join(folder, "run", "tensorboard", events[0] as string)));
    const stepsOf = (tag: string) => scalars.filter((one) => one.tag === tag).map(({ step }) => step);
    expect(stepsOf("loss/train")).toEqual([1, 2, 3, 4, 5, 6]);
    expect(stepsOf("gradient/norm")).toEqual([1, 2, 3, 4, 5, 6]);
    for (const { step, split, loss } of readLog(join(folder, "run"))) {
      const same = scalars.find((one) => one.tag === `loss/${split}` && one.step === step);
      expect(same?.value).toBe(Math.fround(loss as number));
    }
  },
);

test("another engine refuses it in one line, before it trains", async () => {
  const { code, stdout, stderr } = await train("cpu", "cpu");
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(
    /--tensorboard: only the native engine writes TensorBoard's files, this one is cpu; leave it out/,
  );
  expect(readdirSync(folder)).not.toContain("cpu");
});
