/**
 * The colours of the report: one for each kind of encoding, the same in every figure, and two poles for signed values.
 *
 * Colours are CSS variables with the light value as fall-back, so one SVG serves a light page, a dark page and no page.
 * The four classic encodings stay apart under simulated protanopia, deuteranopia and tritanopia (tested). No palette does
 * that for seventeen kinds, so hues repeat with another dash, and charts label their lines at the end.
 */

interface Hue {
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
  { name: "rose", light: "#b0286f", dark: "#f07fb5" },
  { name: "violet", light: "#7a3fd1", dark: "#b898ff" },
  { name: "olive", light: "#7d6a00", dark: "#cdbb4a" },
  { name: "red", light: "#b3261e", dark: "#ff8a7d" },
];

/** The kinds in a fixed order: the first eight take the hues, the next eight take them again, dashed. */
const KINDS = [
  ...["none", "sinusoidal", "learned", "relative", "rope", "alibi", "t5", "shaw"],
  ...["xpos", "kerple", "fire", "sandwich", "transformer-xl", "deberta", "tupe", "cope"],
  "forgetting",
];

const DASHES = [undefined, "6 3", "2 3", "9 3 2 3", "1 2", "12 4"] as const;

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

/** The listed kind that a name is, or is a variation of: "none-1-layer" is of "none"; −1 if there is none. */
function listed(name: string): number {
  const exact = KINDS.indexOf(name);
  return exact >= 0 ? exact : KINDS.findIndex((kind) => name.startsWith(`${kind}-`));
}

/** The place of a kind in the order; a kind that is not listed always gets the same place, from its letters. */
function slot(kind: string): number {
  const known = listed(kind);
  if (known >= 0) return known;
  let sum = 0;
  for (const character of kind) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 997;
  return HUES.length + (sum % HUES.length);
}

/** The colour of a kind of encoding, as CSS; unknown kinds get a stable one. */
export function encodingColor(kind: string): string {
  return variable(HUES[slot(kind) % HUES.length] as Hue);
}

/**
 * The dash of a kind's line, as `stroke-dasharray`; undefined is a solid line.
 * @param variant counts the lines of one kind, as when several policies past L_max are drawn
 */
export function encodingDash(kind: string, variant = 0): string | undefined {
  const variation = listed(kind) >= 0 && !KINDS.includes(kind) ? 1 : 0;
  return DASHES[(Math.floor(slot(kind) / HUES.length) + variation + variant) % DASHES.length];
}

/** CSS declarations of every colour for one mode, for a `:root` rule. */
export function paletteCss(mode: "light" | "dark"): string {
  return [...HUES, ...Object.values(POLES)].map((hue) => `--${hue.name}: ${hue[mode]};`).join(" ");
}
