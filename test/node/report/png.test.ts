import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inflateSync } from "node:zlib";
import { afterAll, expect, test } from "vitest";
import { writeFigures } from "../../../src/node/report/figure-files.ts";
import { figuresFolder } from "../../../src/node/report/page-file.ts";
import { pngOf } from "../../../src/node/report/png.ts";

const folder = mkdtempSync(join(tmpdir(), "figures-"));
afterAll(() => rmSync(folder, { recursive: true }));

const svgOf = (inside: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="60" height="20" style="font-family: inherit; font-size: 13px">${inside}</svg>`;

/** Of an 8-bit RGB or RGBA file: its size, and how many pixels are not white, by undoing its filters. */
function pixelsOf(png: Uint8Array): { width: number; height: number; inked: number } {
  const bytes = Buffer.from(png);
  expect(bytes.subarray(1, 4).toString()).toBe("PNG");
  const [width, height, depth, kind] = [
    bytes.readUInt32BE(16),
    bytes.readUInt32BE(20),
    bytes[24],
    bytes[25] as number,
  ];
  expect(depth).toBe(8);
  const parts: Buffer[] = [];
  for (let at = 8; at < bytes.length; at += bytes.readUInt32BE(at) + 12)
    if (bytes.subarray(at + 4, at + 8).toString() === "IDAT")
      parts.push(bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at)));
  const raw = inflateSync(Buffer.concat(parts));
  const bpp = kind === 6 ? 4 : 3;
  const row = width * bpp;
  let before = new Uint8Array(row);
  let inked = 0;
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (row + 1)] as number;
    const line = new Uint8Array(raw.subarray(y * (row + 1) + 1, (y + 1) * (row + 1)));
    for (let i = 0; i < row; i++) {
      const [left, up, corner] = [line[i - bpp] ?? 0, before[i] as number, before[i - bpp] ?? 0];
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter] as number;
      line[i] = ((line[i] as number) + guess) & 255;
    }
    for (let i = 0; i < row; i += bpp) if (line.subarray(i, i + 3).some((one) => one < 250)) inked++;
    before = line;
  }
  return { width, height, inked };
}

function paeth(a: number, b: number, c: number): number {
  const [pa, pb, pc] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)];
  return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}

test("a PNG has two pixels for one, and text is drawn without any font of the machine", async () => {
  const blank = pixelsOf(await pngOf(svgOf("")));
  expect(blank).toEqual({ width: 120, height: 40, inked: 0 });
  const plain = pixelsOf(await pngOf(svgOf('<text x="2" y="14">loss →</text>'))).inked;
  const bold = pixelsOf(await pngOf(svgOf('<text x="2" y="14" font-weight="600">loss →</text>'))).inked;
  expect(plain).toBeGreaterThan(100);
  expect(bold).toBeGreaterThan(plain * 1.1); // a face of its own, not the plain one again
  // A character that the font lacks would be a box, the same for all.
  const glyph = async (text: string) => Buffer.from(await pngOf(svgOf(`<text x="2" y="14">${text}</text>`)));
  const shapes = await Promise.all([..."→↑−±·“≤■ₘ"].map(glyph));
  expect(new Set(shapes.map((one) => one.toString("base64"))).size).toBe(shapes.length);
});

test("what is no SVG is refused", async () => {
  await expect(pngOf("no picture")).rejects.toThrow(/png: resvg cannot read no picture/);
});

test("figures are saved as SVG and PNG, in the colours of a light page", async () => {
  const to = join(folder, figuresFolder("some/report.html"));
  const svg = svgOf('<rect width="9" height="9" fill="var(--ochre, #b4590a)"/>');
  await writeFigures(to, [{ name: "loss", svg }]);
  expect(readdirSync(to)).toEqual(["loss.png", "loss.svg"]);
  const saved = readFileSync(join(to, "loss.svg"), "utf8");
  expect(saved).toContain('fill="#b4590a"');
  expect(saved).not.toMatch(/var\(|inherit/);
  expect(pixelsOf(readFileSync(join(to, "loss.png"))).inked).toBeGreaterThanOrEqual(17 * 17);
  expect(figuresFolder("pages/a.html")).toBe("a-figures");
});
