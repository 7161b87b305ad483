import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, rmSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { SetupProgress } from "../../../src/node/files/progress.ts";
import { ensureNative, nativeStatus } from "../../../src/node/native/setup/index.ts";
import { type FakeSetup, fakePip, makeFakeSetup, pathOf, TOOLS, writePackage } from "./fake-setup.ts";

/** Keeps the steps that a set-up announces. */
function recorder(): { steps: string[]; progress: SetupProgress } {
  const steps: string[] = [];
  const step = (text: string) => void steps.push(text);
  const bytes = (text: string) => {
    step(text);
    return () => {};
  };
  return { steps, progress: { step, bytes } };
}

/** Options with an environment in which these scripts come first on the PATH. */
function withScripts(fake: FakeSetup, scripts: Record<string, string>): FakeSetup["options"] {
  const PATH = `${pathOf(fake.folder, scripts)}:${process.env.PATH}`;
  return { ...fake.options, environment: { ...fake.offline, PATH } };
}

function remove({ folder }: FakeSetup): void {
  rmSync(folder, { recursive: true, force: true });
}

const toolsMissing = !TOOLS.python || !TOOLS.compiler;

describe.skipIf(toolsMissing)("a set-up with the real pip and compiler", () => {
  const { steps, progress } = recorder();
  let fake: FakeSetup;

  beforeAll(async () => {
    fake = makeFakeSetup();
    await ensureNative({ ...fake.options, progress });
  });
  afterAll(() => remove(fake));

  test("downloads, unpacks, compiles, and leaves only what it made", () => {
    expect(steps).toEqual([
      "downloading fake-tensorflow 1.0.0",
      "unpacking the library",
      "compiling the addon with g++",
      "checking that it loads",
    ]);
    expect(nativeStatus(fake.options.tfjsNode).ready).toBe(true);
    const left = readdirSync(fake.options.cache).map((name) => name.replace(/-[0-9a-f]{16}/, "-KEY"));
    expect(left.sort()).toEqual(["addon-KEY.node", "addon-KEY.node.sha256", "tensorflow-2.21.0-linux-fake"]);
  });

  test("lets a second clone be set up without index and compiler, and a third call do nothing", async () => {
    const tfjsNode = join(fake.folder, "second");
    writePackage(tfjsNode);
    const second = recorder();
    const environment = { ...fake.offline, PATH: pathOf(fake.folder, {}) };
    await ensureNative({ ...fake.options, tfjsNode, environment, progress: second.progress });
    await ensureNative({ ...fake.options, tfjsNode, environment, progress: second.progress });
    expect(second.steps).toEqual([]);
    expect(nativeStatus(tfjsNode).ready).toBe(true);
  });

  test("sees a truncated library before it is loaded, and fetches it again", async () => {
    const library = join(fake.options.cache, "tensorflow-2.21.0-linux-fake", "libfake_cc.so.2");
    const { size } = statSync(library);
    truncateSync(library, size - 1);
    expect(nativeStatus(fake.options.tfjsNode)).toMatchObject({ ready: false });
    await ensureNative(withScripts(fake, { python3: fakePip(fake) }));
    expect(statSync(library).size).toBe(size);
    expect(nativeStatus(fake.options.tfjsNode).ready).toBe(true);
  });
});

describe.skipIf(toolsMissing)("set-ups that meet or die", () => {
  let fake: FakeSetup;

  beforeEach(() => {
    fake = makeFakeSetup();
  });
  afterEach(() => remove(fake));

  test("of two at once one works; the other waits, says so, and finds it done", async () => {
    const [one, two] = [recorder(), recorder()];
    const options = withScripts(fake, { python3: fakePip(fake) });
    await Promise.all([one, two].map(({ progress }) => ensureNative({ ...options, progress })));
    const waited = [one, two].filter(({ steps }) => steps.length === 1);
    expect(waited.map(({ steps }) => steps[0])).toEqual([
      expect.stringContaining(`waiting for pid ${process.pid} on `),
    ]);
  });

  test("one killed while it downloads leaves nothing that the next takes for whole", async () => {
    // This pip writes half a file and hangs.
    const hanging = 'case "$*" in *download*) echo half > "$TMPDIR/half.whl"; exec sleep 60;; esac';
    await killAt("downloading", withScripts(fake, { python3: hanging }));
    expect(nativeStatus(fake.options.tfjsNode).ready).toBe(false);
    expect(readdirSync(fake.options.cache).sort()).toEqual([
      expect.stringMatching(/^lock-\d+-[0-9a-f]{16}\.json$/),
      expect.stringMatching(/^staging-/),
    ]);
    await ensureNative(withScripts(fake, { python3: fakePip(fake) }));
    expect(nativeStatus(fake.options.tfjsNode).ready).toBe(true);
    expect(readdirSync(fake.options.cache)).toHaveLength(3);
  });

  test("one killed while it compiles has its library in the cache for the next", async () => {
    const slow = '[ "$1" = --version ] || exec sleep 60';
    await killAt("compiling", withScripts(fake, { python3: fakePip(fake), "g++": slow }));
    expect(nativeStatus(fake.options.tfjsNode).ready).toBe(false);
    const { steps, progress } = recorder();
    await ensureNative({ ...fake.options, environment: fake.offline, progress });
    expect(steps).toEqual(["compiling the addon with g++", "checking that it loads"]);
    expect(nativeStatus(fake.options.tfjsNode).ready).toBe(true);
  });
});

/** Runs a set-up in another process and kills it, children included, when a step begins. */
async function killAt(step: string, options: FakeSetup["options"]): Promise<void> {
  const module = new URL("../../../src/node/native/setup/index.ts", import.meta.url).href;
  const source = `
    const { ensureNative } = await import(${JSON.stringify(module)});
    const say = (text) => { console.log(text); return () => {}; };
    await ensureNative({ ...JSON.parse(process.argv[1]), progress: { step: say, bytes: say } });`;
  const args = [
    "--import",
    new URL("../../../scripts/typescript.mjs", import.meta.url).href,
    "--input-type=module",
    "--eval",
    source,
    JSON.stringify(options),
  ];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"], detached: true });
  for await (const text of child.stdout) {
    if (String(text).includes(step)) process.kill(-(child.pid as number), "SIGKILL"); // it leads a group of its own
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  expect(child.signalCode).toBe("SIGKILL");
}
