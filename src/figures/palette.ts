/**
 * The colours of the report: one for each encoding (`position.kind`), the same in every figure, and
 * two poles for signed values.
 *
 * Colours are CSS variables with the light value as fall-back, so one SVG serves a light page, a
 * dark page and no page. All hues stay apart under simulated protanopia, deuteranopia and
 * tritanopia, in light and dark (tested). Many more would not, so listed encodings past the eighth
 * take the hues again with another dash, and charts label their lines at the end.
 */
import { encodings } from "../encodings/index.ts";

/** A colour of both modes. */
export interface Hue {
  readonly name: string;
  readonly light: string;
  readonly dark: string;
}

/** Hues with at least 4.5:1 against the page in their mode, because labels are written in them. */
export const HUES: readonly Hue[] = [
  { name: "ink", light: "#3d4148", dark: "#e3e6ea" },
  { name: "ochre", light: "#b4590a", dark: "#f0a040" },
  { name: "blue", light: "#1a56c4", dark: "#6a9dff" },
  { name: "teal", light: "#0a8275", dark: "#16a583" },
  { name: "rose", light: "#a01868", dark: "#f078b0" },
  { name: "violet", light: "#7840e8", dark: "#c0a8ff" },
  { name: "olive", light: "#687848", dark: "#d0c870" },
  { name: "red", light: "#b02818", dark: "#ff7060" },
];

/** Of lines; none is dotted, as values to compare with are. */
const DASHES = [undefined, "6 3", "9 3 2 3", "12 4", "9 3 2 3 2 3", "4 2"] as const;

/** Of values to compare with, such as what guessing gets. */
export const RULE_DASH = "2 3";

/** Poles of signed values in heat maps; zero is the page's own colour. */
export const POLES = {
  positive: { name: "positive", light: "#b2401a", dark: "#ff9a62" },
  negative: { name: "negative", light: "#1f5fae", dark: "#63a8ff" },
} as const;

/** A CSS colour for a hue that works with and without the page's variables. */
function variable(hue: Hue): string {
  return `var(--${hue.name}, ${hue.light})`;
}

/** The pole's colour as CSS. */
export function poleColor(pole: keyof typeof POLES): string {
  return variable(POLES[pole]);
}

/**
 * The place of an encoding in the list; one that is not listed comes after all that are, at a place
 * that its letters decide.
 */
function slot(kind: string): number {
  const known = encodings.findIndex((definition) => definition.kind === kind);
  if (known >= 0) return known;
  let sum = 0;
  for (const character of kind) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 997;
  return Math.ceil(encodings.length / HUES.length) * HUES.length + (sum % HUES.length);
}

/**
 * The colour of an encoding, as CSS; one that is not listed gets a stable one, and what is of no
 * encoding that of the text.
 */
export function encodingColor(kind: string | undefined): string {
  return kind === undefined ? "currentColor" : variable(hueOf(kind));
}

/** The hue of an encoding. */
export function hueOf(kind: string): Hue {
  return HUES[slot(kind) % HUES.length] as Hue;
}

/**
 * The dash of an encoding's line, as `stroke-dasharray`; undefined is a solid line, as what is of no
 * encoding has.
 * @param variant counts the lines of one encoding: its presets, and policies past L_max
 */
export function encodingDash(kind: string | undefined, variant = 0): string | undefined {
  const own = kind === undefined ? 0 : Math.floor(slot(kind) / HUES.length);
  return DASHES[(own + variant) % DASHES.length];
}

/** Symbols of dots, which tell encodings of one hue apart as dashes tell lines. */
const SYMBOLS = ["circle", "square", "triangle", "star", "wye", "diamond"] as const;

/** The symbol of an encoding's dot where it stands alone, as in a scatter. */
export function encodingSymbol(kind: string): (typeof SYMBOLS)[number] {
  return SYMBOLS[Math.floor(slot(kind) / HUES.length) % SYMBOLS.length] as (typeof SYMBOLS)[number];
}

/** CSS declarations of every colour for one mode, for a `:root` rule. */
export function paletteCss(mode: "light" | "dark"): string {
  return [...HUES, ...Object.values(POLES)].map((hue) => `--${hue.name}: ${hue[mode]};`).join(" ");
}
