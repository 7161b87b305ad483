/** Single characters of an Oniguruma pattern, and repeats, as they are written. */

/** A class, with the classes that nest in it; undefined where it is not closed. */
export function classAt(text: string, at: number): string | undefined {
  let depth = 0;
  for (let end = at; end < text.length; end++) {
    const character = text[end];
    if (character === "\\") end += 1;
    else if (character === "[") {
      const posix = /^\[:\^?\w+:\]/.exec(text.slice(end, end + 16));
      if (posix && depth > 0) end += posix[0].length - 1;
      else {
        depth += 1;
        if (text[end + 1] === "^") end += 1;
        if (text[end + 1] === "]") end += 1; // first in a class, it is a character
      }
    } else if (character === "]") {
      depth -= 1;
      if (depth === 0) return text.slice(at, end + 1);
    }
  }
  return undefined;
}

const ONE =
  /^\\(?:[pP]\{\^?[\w= ]{1,60}\}|x\{[0-9A-Fa-f]{1,6}\}|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|[dDsSwWhHnrtfvae]|[^A-Za-z0-9])/u;
const ASSERTION = /^\\[bBAzZ]/;

/** What follows a backslash: one character, or a place. */
export function escapeAt(text: string, at: number): { source: string; single: boolean } | undefined {
  const rest = text.slice(at, at + 70);
  const one = ONE.exec(rest)?.[0];
  if (one !== undefined) return { source: one, single: true };
  const assertion = ASSERTION.exec(rest)?.[0];
  return assertion === undefined ? undefined : { source: assertion, single: false };
}

export interface Quantifier {
  readonly source: string;
  readonly least: number;
  readonly most: number;
  /** "?" takes as few as it can, "+" gives nothing back. */
  readonly mode: "" | "?" | "+";
}

export function quantifierAt(text: string, at: number): Quantifier | undefined {
  const found = /^(?:[?*+]|\{(\d{0,4})(,?)(\d{0,4})\})/.exec(text.slice(at, at + 12));
  const [source = "", from = "", comma, to = ""] = found ?? [];
  if (source === "" || source === "{}" || source === "{,}") return undefined; // the last two are characters
  const after = text[at + source.length];
  const mode = after === "?" || after === "+" ? after : "";
  if (!source.startsWith("{"))
    return {
      source,
      mode,
      least: source === "+" ? 1 : 0,
      most: source === "?" ? 1 : Number.POSITIVE_INFINITY,
    };
  const least = Number(from);
  const most = to === "" ? Number.POSITIVE_INFINITY : Number(to);
  return { source, mode, least, most: comma === "" ? least : most };
}
