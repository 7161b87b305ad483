import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { InputError } from "../../src/errors.ts";
import { decodeSafetensors } from "../../src/formats/safetensors.ts";
import { readSafetensors } from "../../src/node/run/safetensors-file.ts";
import { field, rawFile } from "./safetensors-files.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "safetensors-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const bytes = (n: number) => new Uint8Array(n);
const x = (shape: string, offsets: string, dtype = "F32") => `{${field("x", dtype, shape, offsets)}}`;
const two = (first: string, second: string) =>
  `{${field("x", "F32", "[1]", first)},${field("y", "F32", "[1]", second)}}`;

const manyFields = () => Array.from({ length: 2e5 }, (_, i) => `"${i}":0,`).join("");

const HOSTILE: [title: string, file: Uint8Array, message: RegExp][] = [
  ["an empty file", bytes(0), /0 bytes/],
  ["a file of 7 bytes", bytes(7), /7 bytes/],
  ["a header of 0 bytes", rawFile(""), /does not start with "\{"/],
  ["a header past the end of the file", rawFile("{}", bytes(0), 3n), /header of 3 bytes/],
  ["a header past 100 MB", rawFile("{}", bytes(0), 100_000_001n), /more than 100000000/],
  ["a header length of 2^64 − 1", rawFile("{}", bytes(0), 2n ** 64n - 1n), /18446744073709551615/],
  ["a header that is not UTF-8", rawFile(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d)), /not UTF-8/],
  ["a byte order mark", rawFile("\ufeff{}"), /start with/],
  ["white space before the header", rawFile(" {}"), /start with/],
  ["a list as header", rawFile("[]"), /start with/],
  ["broken JSON", rawFile('{"x":'), /invalid JSON/],
  ["text after the JSON", rawFile("{} {}"), /after the end/],
  ["NUL after the JSON", rawFile("{}\0"), /after the end/],
  [
    "a name given twice",
    rawFile(two("[0,4]", "[4,8]").replace('"y"', '"\\u0078"'), bytes(8)),
    /"x" is there twice/,
  ],
  [
    "a field given twice",
    rawFile(x("[1]", "[0,4]").replace("{", '{"x":{"shape":[1],"shape":[1]},'), bytes(4)),
    /twice/,
  ],
  ["metadata given twice", rawFile('{"__metadata__":{},"__metadata__":{}}'), /twice/],
  ["metadata that are not strings", rawFile('{"__metadata__":{"a":1}}'), /not a string/],
  ["metadata that are a list", rawFile('{"__metadata__":[]}'), /not an object/],
  ["JSON nested 100,000 deep", rawFile(`{"x":${"[".repeat(100_000)}`), /nested more than 16 deep/],
  ["objects nested 100,000 deep", rawFile('{"x":'.repeat(100_000)), /nested more than 16 deep/],
  ["200,001 fields", rawFile(`{${manyFields()}"x":0}`), /more than 200000 values/],
  [
    "a shape of a million sizes",
    rawFile(x(`[${"1,".repeat(1e6)}1]`, "[0,4]"), bytes(4)),
    /more than 64 items/,
  ],
  [
    "a number of a million digits",
    rawFile(x(`[${"1".repeat(1e6)}]`, "[0,4]"), bytes(4)),
    /more than 32 characters/,
  ],
  ["half of a surrogate pair", rawFile(x("[1]", "[0,4]").replace("x", "\\ud800"), bytes(4)), /surrogate/],
  ["a string without an end", rawFile(`{"${"\\".repeat(100_001)}"`), /without an end/],
  ["a tensor that is a list", rawFile('{"x":["F32",[1],[0,4]]}', bytes(4)), /"x": not an object/],
  ["a tensor without a type", rawFile('{"x":{"shape":[1],"data_offsets":[0,4]}}', bytes(4)), /dtype missing/],
  ["an unknown type", rawFile(x("[1]", "[0,1]", "F8_E4M3"), bytes(1)), /"F8_E4M3" is not one of U64, I64/],
  [
    "a type named like a property",
    rawFile(x("[1]", "[0,1]", "constructor"), bytes(1)),
    /"constructor" is not one/,
  ],
  ["a negative size", rawFile(x("[-1]", "[0,4]"), bytes(4)), /shape holds -1/],
  ["a size with a fraction", rawFile(x("[1.5]", "[0,6]"), bytes(6)), /shape holds 1.5/],
  ["an exponent", rawFile(x("[1e0]", "[0,4]"), bytes(4)), /shape holds 1/],
  ["a size of text", rawFile(x('["1"]', "[0,4]"), bytes(4)), /shape holds string/],
  ["a size of 2^53", rawFile(x("[9007199254740992]", "[0,4]"), bytes(4)), /shape holds 9007199254740992/],
  ["sizes whose product overflows", rawFile(x("[4294967296,4294967296]", "[0,0]")), /2\^53 bytes or more/],
  ["an overflow hidden by a 0", rawFile(x("[0,4294967296,4294967296]", "[0,0]")), /2\^53 bytes or more/],
  ["offsets that do not fit the shape", rawFile(x("[2]", "[0,4]"), bytes(4)), /shape \(2\) needs 8 bytes/],
  ["offsets in the wrong order", rawFile(x("[1]", "[4,0]"), bytes(4)), /needs 4 bytes/],
  ["a negative offset", rawFile(x("[1]", "[-4,0]"), bytes(4)), /data_offsets holds -4/],
  ["three offsets", rawFile(x("[1]", "[0,4,4]"), bytes(4)), /not a pair/],
  ["no offsets", rawFile('{"x":{"dtype":"F32","shape":[1]}}', bytes(4)), /data_offsets is not a list/],
  [
    "data past the end of the file",
    rawFile(x("[1000000000000]", "[0,4000000000000]"), bytes(4)),
    /fill 4000000000000/,
  ],
  ["overlapping tensors", rawFile(two("[0,4]", "[0,4]"), bytes(4)), /"y" overlaps/],
  ["a hole between tensors", rawFile(two("[0,4]", "[8,12]"), bytes(12)), /"y" leaves a hole/],
  ["a hole before the first tensor", rawFile(x("[1]", "[4,8]"), bytes(8)), /"x" leaves a hole/],
  ["bytes after the last tensor", rawFile(x("[1]", "[0,4]"), bytes(5)), /5 bytes of data/],
  ["data without tensors", rawFile("{}", bytes(1)), /1 bytes of data/],
  [
    "an integer past 32 bits",
    rawFile(x("[1]", "[0,8]", "I64"), Uint8Array.of(0, 0, 0, 0, 1, 0, 0, 0)),
    /4294967296/,
  ],
  [
    "a double that float32 does not hold",
    rawFile(x("[1]", "[0,8]", "F64"), new Uint8Array(Float64Array.of(0.1).buffer)),
    /0.1/,
  ],
  ["a boolean of 7", rawFile(x("[1]", "[0,1]", "BOOL"), Uint8Array.of(7)), /neither 0 nor 1/],
];

describe("a hostile file is refused in one line, from memory and from disk", () => {
  test.each(HOSTILE)("%s", async (_, file, message) => {
    const path = join(folder, "hostile.safetensors");
    writeFileSync(path, file);
    const errors = [caught(() => decodeSafetensors(file, path)), await readSafetensors(path).catch((e) => e)];
    for (const error of errors) {
      expect(error).toBeInstanceOf(InputError);
      expect(error.message).toMatch(message);
      expect(error.message.startsWith(`${path}: `)).toBe(true);
      expect(error.message.length).toBeLessThan(400 + path.length);
      expect(error.message).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
    }
  });

  test("a name of control characters and a megabyte cannot reach the terminal", () => {
    const name = `\u001b[2J\n\u009b\u202e${"a".repeat(1e6)}`;
    const error = caught(() => decodeSafetensors(rawFile(`{${field(name, "X", "[]", "[]")}}`), "file"));
    expect(error.message).toMatch(/^file: tensor "\\u001b\[2J\\n\\u009b\\u202ea{70,80}…": dtype "X"/);
  });
});

test("names of JavaScript's own properties are tensors like any other, and change no prototype", () => {
  const names = ["__proto__", "constructor", "toString", "hasOwnProperty"];
  const header = names.map((name, i) => field(name, "F32", "[1]", `[${4 * i},${4 * i + 4}]`)).join(",");
  const { tensors, metadata } = decodeSafetensors(
    rawFile(`{"__metadata__":{"__proto__":"text"},${header}}`, bytes(16)),
    "file",
  );
  expect(Object.keys(tensors)).toEqual(names);
  expect(Object.entries(metadata)).toEqual([["__proto__", "text"]]);
  expect(Object.getPrototypeOf(tensors)).toBe(null);
  expect("data" in Object.prototype).toBe(false);
});

test("a field that the format does not know is ignored, as the package does", () => {
  const header = x("[1]", "[0,4]").replace('"dtype"', '"note":{"a":[true,false,null,-1.5e3,"b"]},"dtype"');
  expect(decodeSafetensors(rawFile(header, bytes(4)), "file").tensors.x?.data).toEqual(new Float32Array(1));
});

test("a sparse file of a terabyte whose header claims it all is refused, not read", async () => {
  const path = join(folder, "sparse.safetensors");
  writeFileSync(path, rawFile(x("[250000000000]", "[0,1000000000000]")));
  truncateSync(path, 8 + x("[250000000000]", "[0,1000000000000]").length + 1e12);
  await expect(readSafetensors(path)).rejects.toThrow(/do not fit into memory/);
});

test.each([
  ["a missing file", "missing", /ENOENT/],
  ["a folder", ".", /is a folder, not a regular file/],
])("%s is refused with what is wrong", async (_, name, message) => {
  const error = await readSafetensors(join(folder, name)).catch((e) => e);
  expect(error).toBeInstanceOf(InputError);
  expect(error.message).toMatch(message);
});

function caught(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("expected an error");
}
