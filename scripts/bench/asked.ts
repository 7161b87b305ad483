/** From the command's options to the cases that are timed. */
import { encodings } from "../../src/encodings/index.ts";
import { InputError } from "../../src/errors.ts";
import type { NativeEngine } from "../../src/node/files/progress.ts";
import type { Case, Size } from "./cases.ts";
import { PROBE_SIZES } from "./probes.ts";
import { DEFAULT_SIZES, GENERATION_SIZES, parseSize } from "./rows.ts";

interface Asked {
  readonly engine: NativeEngine;
  readonly sizes?: readonly string[] | undefined;
  readonly encodings?: string | undefined;
  readonly threads?: string | undefined;
  readonly precision: string;
  readonly growth: boolean;
  readonly generate: boolean;
  readonly probes: boolean;
}

/** @throws InputError for a size, an encoding or a number of threads that is none */
export function casesOf(args: Asked): Case[] {
  const known = encodings.map(({ kind }) => kind);
  const asked = args.encodings ?? (args.probes ? "learned" : "none,sinusoidal,learned,relative");
  const kinds = asked === "all" ? known : asked.split(",");
  for (const kind of kinds) {
    if (!known.includes(kind)) throw new InputError(`--encodings: ${kind} is not one of ${known.join(", ")}`);
  }
  const threads = threadsOf(args.threads ?? usualThreads(args));
  if (args.precision !== "float32" && args.precision !== "bfloat16") {
    throw new InputError(`--precision: ${args.precision} is not float32 or bfloat16`);
  }
  const { precision, engine } = args;
  if (args.growth && args.generate) throw new InputError("--generate: was given beside --growth; give one");
  const usual = args.probes ? PROBE_SIZES : args.generate ? GENERATION_SIZES : DEFAULT_SIZES;
  const sizes: Size[] = (args.sizes ?? usual).map(parseSize);
  return sizes.flatMap((size) =>
    threads.flatMap((n) =>
      kinds.map((encoding): Case => ({ ...size, engine, threads: n, encoding, precision })),
    ),
  );
}

/** What starts processes of native by itself. */
const OF_NATIVE = ["sweep", "train", "import", "probes"] as const;

/** @throws InputError for another engine beside what times native alone */
export function requireNative(
  args: Pick<Asked, "engine"> & Partial<Record<(typeof OF_NATIVE)[number], unknown>>,
): void {
  const given = OF_NATIVE.find((name) => args[name] !== undefined && args[name] !== false);
  if (given === undefined || args.engine === "native") return;
  throw new InputError(
    `--engine: ${args.engine} was given beside --${given}, which times native alone; leave --engine out`,
  );
}

const usualThreads = ({ probes, engine }: Asked): string => {
  if (probes) return "2";
  return engine === "native-gpu" ? "1" : "1,2";
};

/** @throws InputError */
export function threadsOf(texts: string): number[] {
  return texts.split(",").map((text) => {
    if (!/^[1-9]\d{0,2}$/.test(text)) throw new InputError(`--threads: ${text} is not a number of threads`);
    return Number(text);
  });
}
