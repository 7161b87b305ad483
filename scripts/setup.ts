/**
 * `whereabouts setup`: installs the native engine, with --gpu native-gpu too, with --webgpu the
 * packages of that engine.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { ArgumentsCamelCase, Argv } from "yargs";
import { WEBGPU_PACKAGES } from "../src/engine/webgpu.ts";
import { IS_CLONE, ROOT } from "../src/node/files/root.ts";
import { type NativeEngine, statusOf } from "../src/node/native/setup/index.ts";
import { platformFor } from "../src/node/native/setup/machine.ts";
import { installPinned, type NpmPins, unpackPinned } from "../src/node/native/setup/npm.ts";
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
  if (IS_CLONE) await installPinned(WEBGPU_PACKAGES, ROOT);
  else await besideProgram(WEBGPU_PACKAGES);
  console.log(`webgpu: ${Object.keys(WEBGPU_PACKAGES).join(", ")}`);
}

/** Into the installed package's own folder: the project has what they need of this program's. */
async function besideProgram(pins: NpmPins): Promise<void> {
  const staging = mkdtempSync(join(ROOT, ".setup-"));
  try {
    await unpackPinned(pins, join(ROOT, "node_modules"), staging);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

async function install(engine: NativeEngine): Promise<void> {
  await setUpNative(engine, true);
  const status = statusOf(engine);
  if (status.ready)
    console.log(`${engine}: TensorFlow ${status.record.tensorflow} in ${status.record.library}`);
}
