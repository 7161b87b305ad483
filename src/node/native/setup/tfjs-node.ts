/**
 * Where tfjs-node is: its JavaScript and the sources of its addon.
 *
 * It is no dependency, for its install script downloads what is gone (tensorflow/tfjs #8742), and
 * would fail every install of this package. A clone has it among its packages, whose scripts are not
 * run; elsewhere set-up fetches it into the user's cache, with the two packages that it loads. The
 * third, TensorFlow.js itself, is that of this program: there is one registry of kernels.
 *
 *     ~/.cache/whereabouts/native/tfjs-node-4.22.0/node_modules/@tensorflow/tfjs-node/
 */
import { existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { createRequire, Module } from "node:module";
import { dirname, join } from "node:path";
import { isInputError } from "../../../errors.ts";
import { cacheFolder } from "../../files/cache.ts";
import { whyNotOursIn } from "../../files/ownership.ts";
import { SetupError, type SetupProgress } from "../../files/progress.ts";
import { IS_CLONE, ROOT } from "../../files/root.ts";
import { type NpmPins, unpackPinned } from "./npm.ts";

const NAME = "@tensorflow/tfjs-node";
const VERSION = "4.22.0";

/** Each with the hash of its archive. */
const PINS: NpmPins = {
  [`${NAME}@${VERSION}`]:
    "sha512-uHrXeUlfgkMxTZqHkESSV7zSdKdV0LlsBeblqkuKU9nnfxB1pC6DtoyYVaLxznzZy7WQSegjcohxxCjAf6Dc7w==",
  "google-protobuf@3.21.4":
    "sha512-MnG7N936zcKTco4Jd2PX2U96Kf9PxygAPKBug+74LHzmHXmceN16MmRcdgZv+DGef/S9YvQAfRsNCn4cjf9yyQ==",
  "progress@2.0.3":
    "sha512-7PiHtLll5LdnKIMw100I+8xJXR5gW2QwWYkT6iJva0bXitZKa/XMrSbdmg3r2Xnaidz9Qumd0VPaMrZlF9V9sA==",
};

/** Folder of the tfjs-node package, whether it is there or not. */
export function packageFolder(): string {
  const ofClone = join(ROOT, "node_modules", NAME);
  if (IS_CLONE && isFetched(ofClone)) return ofClone;
  try {
    return join(cacheFolder(), `tfjs-node-${VERSION}`, "node_modules", NAME);
  } catch (error) {
    if (isInputError(error)) return ofClone; // a user without a home folder: set-up says so
    throw error;
  }
}

/** @param folder of the tfjs-node package */
export const isFetched = (folder: string): boolean => existsSync(join(folder, "binding")); // it appears whole

/**
 * Brings the package, and what it loads, into the cache, in one step.
 *
 * @param staging a folder on the file system of the cache
 * @throws SetupError where npm or tar fail, InputError where an archive is not what was pinned
 */
export async function fetchTfjsNode(folder: string, staging: string, progress: SetupProgress): Promise<void> {
  progress.step(`downloading tfjs-node ${VERSION}`);
  const made = join(staging, "tfjs-node");
  await unpackPinned(PINS, join(made, "node_modules"), staging);
  const home = dirname(dirname(dirname(folder)));
  await rm(home, { recursive: true, force: true }); // parts of one that was damaged
  await rename(made, home);
}

/** What tfjs-node takes from this program. */
const OF_PROGRAM = /^@tensorflow\/tfjs(-core)?(\/|$)/;

/** All of TensorFlow.js. tfjs-node takes operations of its core, and loading it registers their gradients. */
const WHOLE = "@tensorflow/tfjs";

/**
 * Packages of the whole whose 4 MB of JavaScript nothing here calls; they took 60 ms of each
 * process's start. Layers have a class that tfjs-node extends and a function that it calls.
 */
const LEFT_OUT: Readonly<Record<string, object>> = {
  "@tensorflow/tfjs-layers": { CustomCallback: class {}, registerCallbackConstructor() {} },
  "@tensorflow/tfjs-converter": {},
  "@tensorflow/tfjs-data": {},
  "@tensorflow/tfjs-backend-webgl": {},
};

/** What Node's loader calls for each `require`; its types leave it out. */
type Load = (this: unknown, request: string, ...rest: unknown[]) => unknown;

const require = createRequire(import.meta.url);

/**
 * Loads tfjs-node, or gives what was loaded before.
 *
 * It asks node-pre-gyp where its addon is, and for TensorFlow.js: both are answered here. Who asks for
 * TensorFlow.js later gets all of it; tfjs-node itself, as this process has it, stays without layers.
 *
 * @param addon path of the addon; it can be loaded once in a process
 * @throws what its loading throws
 */
export function loadTfjsNode<T>(addon: string): T {
  const folder = packageFolder();
  const strange = whyNotOursIn(folder, ["package.json", join("dist", "index.js")]);
  if (strange !== undefined) throw new SetupError(strange, "remove it");
  const loader = Module as unknown as { _load: Load };
  const load = loader._load;
  const whole = require.resolve(WHOLE);
  const wasLoaded = whole in require.cache;
  loader._load = function (request, ...rest) {
    if (request === "@mapbox/node-pre-gyp") return { find: () => addon };
    if (Object.hasOwn(LEFT_OUT, request)) return LEFT_OUT[request];
    const wanted = OF_PROGRAM.test(request) ? require.resolve(request) : request;
    return load.call(this, wanted, ...rest);
  };
  try {
    return require(folder) as T;
  } finally {
    loader._load = load;
    if (!wasLoaded) delete require.cache[whole];
  }
}
