/**
 * SVG into PNG, by resvg as WebAssembly: no native library, no browser. Text is set in DejaVu Sans,
 * which has the arrows, primes and minus signs of the charts: a machine without fonts draws them too.
 */
import { createRequire } from "node:module";
import { readRegular } from "../files/regular.ts";

type Rasterizer = (svg: string) => Uint8Array;

const from = createRequire(import.meta.url);
const FONTS = ["dejavu-fonts-ttf/ttf/DejaVuSans.ttf", "dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf"];
/** Pixels of the picture for one of the SVG, so that it prints well. */
const SCALE = 2;

let started: Promise<Rasterizer> | undefined;

/**
 * @param svg a whole file, without variables that only a page resolves
 * @returns the bytes of a PNG file on white, two pixels for one of the SVG
 * @throws TypeError where resvg cannot read the SVG
 */
export async function pngOf(svg: string): Promise<Uint8Array> {
  started ??= start();
  return (await started)(svg);
}

/** resvg starts once in a process. */
async function start(): Promise<Rasterizer> {
  const { initWasm, Resvg } = await import("@resvg/resvg-wasm");
  await initWasm(new Uint8Array(readRegular(from.resolve("@resvg/resvg-wasm/index_bg.wasm"))));
  const fontBuffers = FONTS.map((font) => readRegular(from.resolve(font)));
  const font = { fontBuffers, defaultFontFamily: "DejaVu Sans", sansSerifFamily: "DejaVu Sans" };
  const options = { fitTo: { mode: "zoom", value: SCALE }, background: "#ffffff", font } as const;
  return (svg) => {
    const image = rendererOf(svg, () => new Resvg(svg, options));
    try {
      return image.render().asPng();
    } finally {
      image.free();
    }
  };
}

function rendererOf<T>(svg: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw new TypeError(`png: resvg cannot read ${svg.slice(0, 60)}…: ${error}`, { cause: error });
  }
}
