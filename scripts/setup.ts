/** `whereabouts setup`: installs the native engine, with --gpu native-gpu too, with --webgpu the packages of that engine. */
import { spawnSync } from "node:child_process";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { ArgumentsCamelCase, Argv } from "yargs";
import { type NativeEngine, statusOf } from "../src/engine/native-setup/index.ts";
import { platformFor } from "../src/engine/native-setup/machine.ts";
import { WEBGPU_PACKAGES } from "../src/engine/webgpu.ts";
import { InputError } from "../src/errors.ts";
import { setUpNative } from "./engine-option.ts";

interface SetupArguments {
  readonly gpu: boolean;
  readonly webgpu: boolean;
}

export const command = "setup";
export const describe = "install the native engine";

/** Adds this command's options. */
export function builder(yargs: Argv): Argv<SetupArguments> {
  return yargs
    .option("gpu", {
      type: "boolean",
      default: false,
      describe: "also install TensorFlow with CUDA for native-gpu (3.4 GB to download, 5.3 GB on disk)",
    })
    .option("webgpu", {
      type: "boolean",
      default: false,
      describe: "also install the packages of the webgpu engine (130 MB)",
    });
}

/** Runs the command. */
export async function handler({ gpu, webgpu }: ArgumentsCamelCase<SetupArguments>): Promise<void> {
  if (gpu) platformFor("native-gpu"); // a machine that cannot have it is told before anything is fetched
  await install("native");
  if (gpu) await install("native-gpu");
  if (!webgpu) return;
  installWebgpu();
  console.log(`webgpu: ${WEBGPU_PACKAGES.join(", ")}`);
}

async function install(engine: NativeEngine): Promise<void> {
  await setUpNative(engine);
  const status = statusOf(engine);
  if (status.ready)
    console.log(`${engine}: TensorFlow ${status.record.tensorflow} in ${status.record.library}`);
}

/** Without --no-save npm would make them dependencies of everyone. */
function installWebgpu(): void {
  const cwd = dirname(dirname(fileURLToPath(import.meta.url)));
  const { status, error } = spawnSync("npm", ["install", "--no-save", ...WEBGPU_PACKAGES], {
    cwd,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32", // npm is a batch file there
  });
  if (status === 0) return;
  const why = error?.message ?? `npm ended with code ${status}`;
  throw new InputError(
    `setup: the webgpu packages could not be installed: ${why}; mend that and run it again`,
  );
}
