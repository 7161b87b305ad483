/** `whereabouts playground`: builds the page of `src/playground` and serves it on localhost. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { ArgumentsCamelCase, Argv } from "yargs";
import { InputError } from "../src/errors.ts";
import { countOption } from "./number-option.ts";
import { tell } from "./print.ts";

interface PlaygroundArguments {
  readonly models: string;
  readonly out: string;
  readonly port: number;
  readonly build: boolean;
}

const ROOT = fileURLToPath(new URL("..", import.meta.url));

export const command = "playground";
export const describe = "build the playground and serve it on localhost";

/** Adds this command's options. */
export function builder(yargs: Argv): Argv<PlaygroundArguments> {
  return yargs
    .option("models", {
      type: "string",
      default: join(ROOT, "checkpoints", "published"),
      defaultDescription: "checkpoints/published",
      describe: "folder of runs on who that the page shows",
    })
    .option("out", {
      type: "string",
      default: join(ROOT, "dist", "playground"),
      defaultDescription: "dist/playground",
      describe: "folder of static files; one that was built before is emptied first",
    })
    .option("port", {
      ...countOption("port", 65_535, {
        what: "a port",
        describe: "on localhost; the next free one where it is taken",
      }),
      default: 4173,
    })
    .option("build", { type: "boolean", default: false, describe: "build only, serve nothing" });
}

/** Runs the command. */
export async function handler(asked: ArgumentsCamelCase<PlaygroundArguments>): Promise<void> {
  if (!existsSync(join(ROOT, "node_modules", "vite")))
    throw new InputError("playground: vite is not installed; run npm ci with development packages");
  const { buildPlayground } = await import("./playground/build.ts");
  const out = resolve(asked.out);
  await buildPlayground({ models: asked.models, out });
  tell("playground", `built into ${out}`);
  if (asked.build) return;
  const { preview } = await import("vite");
  const server = await preview({
    configFile: false,
    base: "./",
    logLevel: "warn",
    build: { outDir: out },
    preview: { port: asked.port, host: "localhost" },
  });
  process.stdout.write(`${server.resolvedUrls?.local[0] ?? `http://localhost:${asked.port}/`}\n`);
}
