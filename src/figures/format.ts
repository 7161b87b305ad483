/** Numbers as a reader meets them, the same in the terminal, the tables and the sentences. */

/** A number with `digits` decimals and a real minus sign; no "−0.00". */
export function fixed(value: number, digits = 2): string {
  if (!Number.isFinite(value)) return value > 0 ? "∞" : Number.isNaN(value) ? "not a number" : "−∞";
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

/** A measured value: four decimals, and a power of ten where they would show nothing. */
export function measured(value: number): string {
  const small = value !== 0 && Math.abs(value) < 0.00005;
  return small ? value.toExponential(1) : value.toFixed(4);
}

/**
 * A fraction as a percentage: 0.973 is "97%"; within half a percent of 0 or 1 a decimal shows that
 * it is not there.
 */
export function percent(fraction: number): string {
  const distance = Math.min(Math.abs(fraction), Math.abs(1 - fraction));
  return `${fixed(fraction * 100, distance >= 0.0005 && distance < 0.005 ? 1 : 0)}%`;
}

/** A whole number in groups of three. */
export function count(value: number): string {
  return Number.isFinite(value) ? Math.round(value).toLocaleString("en-US") : fixed(value);
}

/** Four digits that say something: 0.001000, 19.87, 6,283. */
export const fourDigits = (value: number) =>
  Math.abs(value) >= 1000
    ? count(value)
    : fixed(value, Math.max(0, 3 - Math.floor(Math.log10(Math.abs(value) || 1))));

/** Seconds as "48 s" or "3 min 20 s". */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 90 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** "a", "a and b", "a, b and c". */
export function listed(items: readonly string[]): string {
  return items.length < 2 ? (items[0] ?? "") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}
