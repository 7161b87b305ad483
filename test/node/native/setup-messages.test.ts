import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isInputError } from "../../../src/errors.ts";
import { ensureNative } from "../../../src/node/native/setup/index.ts";
import { type FakeSetup, fakePip, makeFakeSetup, pathOf, TOOLS } from "./fake-setup.ts";

let fake: FakeSetup;

beforeEach(() => {
  fake = makeFakeSetup();
});

afterEach(() => rmSync(fake.folder, { recursive: true, force: true }));

/** The message of a set-up with nothing on the PATH but these scripts. */
async function messageWith(
  scripts: Record<string, string>,
  more: Partial<FakeSetup["options"]> = {},
): Promise<string> {
  const environment = { ...fake.offline, CXX: "", PATH: pathOf(fake.folder, scripts) };
  try {
    await ensureNative({ ...fake.options, ...more, environment });
  } catch (error) {
    expect(isInputError(error)).toBe(true);
    return (error as Error).message;
  }
  throw new Error("the set-up went through");
}

/** A pip that fails to download with the output given. */
const failingPip = (output: string) => ({
  pip: `[ "$1" = --version ] && exit 0; echo '${output}' >&2; exit 1`,
});

const ENDING = "then run npm run setup (--engine wasm works without it)";

test("no Python, and Python without pip, each have their remedy", async () => {
  expect(await messageWith({})).toBe(
    `setup: neither Python nor pip is on the PATH; install Python 3 with pip, ${ENDING}`,
  );
  const python = { python3: '[ "$1" = --version ] && exit 0; exit 1' };
  expect(await messageWith(python)).toBe(
    `setup: Python is here but not its pip; install pip (Debian: apt install python3-pip), ${ENDING}`,
  );
});

test.each([
  ["ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "SHA-256 is not"],
  ["OSError: [Errno 28] No space left on device", "the disk is full; free some space"],
  ["SSLError(SSLCertVerificationError(1, CERTIFICATE_VERIFY_FAILED", "is not trusted; set PIP_CERT"],
  [
    "WARNING: Retrying (Retry(total=1)) after connection broken: Temporary failure in name resolution\nERROR: No matching distribution found",
    "no connection to the package index (Temporary failure in name resolution)",
  ],
  ["ERROR: something else", 'pip says "ERROR: something else"'],
])("what pip says is translated: %s", async (output, message) => {
  const said = await messageWith(failingPip(output));
  expect(said).toContain("fake-tensorflow==1.0.0 could not be downloaded");
  expect(said).toContain(message);
  expect(said.endsWith(ENDING)).toBe(true);
  expect(said).not.toContain("\n");
});

test.skipIf(!TOOLS.python)(
  "an index that cannot be reached is named as such within seconds",
  async () => {
    const said = await messageWith({ python3: `exec ${TOOLS.python} "$@"` });
    expect(said).toContain(
      "no connection to the package index (Connection refused); connect, or set PIP_INDEX_URL",
    );
  },
  20_000,
);

test("no compiler, and none to be had: both reasons in one message", async () => {
  const said = await messageWith({ pip: fakePip(fake) });
  expect(said).toMatch(
    /^setup: the addon does not compile: there is neither g\+\+ nor clang\+\+, and nothing-like-it==1.0.0 could not/,
  );
  expect(said).toContain(`(Connection refused); install g++ (Debian: apt install g++), ${ENDING}`);
});

test("a compiler that fails is quoted", async () => {
  const compiler = '[ "$1" = --version ] && exit 0; echo "x.cc:1: error: no such luck" >&2; exit 1';
  const said = await messageWith({ pip: fakePip(fake), "g++": compiler });
  expect(said).toContain("g++: x.cc:1: error: no such luck");
});

test("a disk that is too small is found out before the download", async () => {
  const platform = { ...fake.options.platform, libraryBytes: 1e18 };
  const said = await messageWith({}, { platform });
  expect(said).toMatch(/has \d+ MB free, the library needs \d+ MB while it is unpacked; free some space/);
});

test("a cache that cannot be written is named", async () => {
  const file = join(fake.folder, "a-file");
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, "");
  chmodSync(file, 0o644);
  expect(await messageWith({}, { cache: join(file, "cache") })).toContain(`setup: cannot write: ENOTDIR`);
});
