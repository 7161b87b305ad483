import { describe, expect, it } from "vitest";
import { encodings } from "../../src/encodings/index.ts";
import {
  encodingColor,
  encodingDash,
  encodingSymbol,
  HUES,
  hueOf,
  RULE_DASH,
} from "../../src/figures/palette.ts";
import { curves, lossCurves } from "../../src/figures/results.ts";
import { result } from "../node/report/demo-results.ts";

type Rgb = readonly [number, number, number];
type Matrix3 = readonly [Rgb, Rgb, Rgb];

/** Linear RGB under full dichromacy: Machado, Oliveira and Fernandes 2009, severity 1. */
const VISION: Record<string, Matrix3> = {
  full: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

const apply = (m: Matrix3, [x, y, z]: Rgb): Rgb =>
  m.map(([a, b, c]) => Math.min(1, Math.max(0, a * x + b * y + c * z))) as unknown as Rgb; // three rows, three numbers

function linear(hex: string): Rgb {
  const channel = (start: number) => {
    const value = Number.parseInt(hex.slice(start, start + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [channel(1), channel(3), channel(5)];
}

/** OKLab (Ottosson 2020), in which distances of about 0.02 are just noticed. */
function oklab([r, g, b]: Rgb): Rgb {
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

const luminance = (hex: string) => {
  const [r, g, b] = linear(hex);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};

/** WCAG's contrast ratio. */
function contrast(one: string, other: string): number {
  const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

/** Distances below this are hard to see in thin lines; about 0.02 is just noticed beside each other. */
const APART = 0.05;

/** The least distance of two colours over all kinds of vision. */
function distance(one: string, other: string): number {
  const seen = Object.values(VISION).map((vision) =>
    [one, other].map((color) => oklab(apply(vision, linear(color)))),
  );
  return Math.min(
    ...seen.map(([a, b]) => Math.hypot(...(a as Rgb).map((value, i) => value - ((b as Rgb)[i] as number)))),
  );
}

const CLASSIC = ["none", "sinusoidal", "learned", "relative"];
const MODES = { light: "#ffffff", dark: "#15181c" } as const;

describe("the palette", () => {
  it("gives each of the four classic encodings a hue of its own, and an unknown kind always the same one", () => {
    expect(new Set(CLASSIC.map(encodingColor)).size).toBe(4);
    expect(encodingColor("my-encoding")).toBe(encodingColor("my-encoding"));
    expect(encodingDash("learned")).toBeUndefined();
    expect(encodingDash("learned", 1)).toBeDefined();
  });

  it("draws a preset in the hue of its encoding whatever it is called, dashed where the name is another", () => {
    const mine = { ...result("fastest"), encoding: "rope" };
    for (const lines of [curves([mine], "nll", (at) => at.position), lossCurves([mine], "validation")])
      expect(lines.map(({ label, kind }) => [label, kind])).toEqual([["fastest", "rope"]]);
    const named = lossCurves([result("none-1-layer"), result("none"), result("none-bidirectional")], "train");
    expect(named.map(({ kind }) => kind)).toEqual(["none", "none", "none"]);
    expect(new Set(named.map(({ kind, variant }) => encodingDash(kind, variant))).size).toBe(3);
    expect(encodingDash("none", named[1]?.variant)).toBeUndefined();
  });

  it("draws no line as dotted as what guessing gets: each dash begins with a stroke longer than its gap", () => {
    expect(RULE_DASH).toBe("2 3");
    for (const { kind } of encodings)
      for (const variant of [0, 1, 2, 3, 4, 5]) {
        const [stroke = 1, gap = 0] = encodingDash(kind, variant)?.split(" ").map(Number) ?? [];
        expect(stroke, `${kind} ${variant}`).toBeGreaterThan(gap);
      }
  });

  it("takes no colour from how a name begins", () => {
    const hues = [..."abcdefgh"].map((letter) => encodingColor(`none-${letter}`));
    expect(new Set(hues).size).toBeGreaterThan(1);
    expect(encodingColor("transformer-xl")).not.toBe(encodingColor("relative"));
  });

  it.each(["light", "dark"] as const)(
    "keeps all hues apart in %s for every kind of colour vision",
    (mode) => {
      for (const [i, one] of HUES.entries())
        for (const other of HUES.slice(0, i))
          expect(distance(one[mode], other[mode]), `${one.name} ${other.name}`).toBeGreaterThan(APART);
    },
  );

  const kinds = encodings.map(({ kind }) => kind);

  it.each(kinds)(
    "tells %s from every other listed encoding, by a hue that all can see or by the dash",
    (kind) => {
      for (const other of kinds.filter((one) => one !== kind)) {
        if (encodingDash(other) !== encodingDash(kind)) continue;
        for (const mode of ["light", "dark"] as const)
          expect(distance(hueOf(kind)[mode], hueOf(other)[mode]), `${other} in ${mode}`).toBeGreaterThan(
            APART,
          );
      }
    },
  );

  it("tells dots of one hue apart by their symbol, as it does lines by their dash", () => {
    const looks = kinds.map((kind) => `${encodingColor(kind)} ${encodingSymbol(kind)}`);
    expect(new Set(looks).size).toBe(kinds.length);
    expect(encodingSymbol("none")).toBe("circle");
  });

  it("gives an encoding of one's own no look of a listed one", () => {
    const look = (kind: string) => `${encodingColor(kind)} ${encodingDash(kind)}`;
    const listed = new Set(kinds.map(look));
    expect(listed.size).toBe(kinds.length);
    for (const own of ["recency", "mine", "my-encoding", "rope2"]) expect(listed).not.toContain(look(own));
  });

  it.each(["light", "dark"] as const)("writes labels in %s with a contrast of 4.5 or more", (mode) => {
    for (const hue of HUES) expect(contrast(hue[mode], MODES[mode]), hue.name).toBeGreaterThanOrEqual(4.5);
  });
});
