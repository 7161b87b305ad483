/** What the two public entries export, with the comment and the example before each declaration. */
import { dirname, join } from "node:path";
import { textOf } from "../sources.ts";

export interface Exported {
  readonly name: string;
  readonly entry: string;
  readonly isType: boolean;
  /** TSDoc without its stars; undefined where there is none. */
  readonly doc: string | undefined;
  /** Code after `@example`. */
  readonly example: string | undefined;
}

export const PURE = "src/index.ts";
export const NODE = "src/node/index.ts";

/** The exports of an entry but for those of packages; `* as name` stands for what the file exports. */
export function exportsOf(entry: string): Exported[] {
  const text = textOf(entry);
  const named = [...text.matchAll(/^export (type )?\{([^}]*)\} from "(\.[^"]+)"/gm)].flatMap(
    ([, type, names = "", from = ""]) =>
      names
        .split(",")
        .map((name) => name.trim())
        .filter((name) => name !== "" && name !== "tf")
        .map((name) =>
          declared(join(dirname(entry), from), name.replace("type ", ""), {
            entry,
            isType: type !== undefined || name.startsWith("type "),
          }),
        ),
  );
  const whole = [...text.matchAll(/^export \* as \w+ from "(\.[^"]+)"/gm)].flatMap(([, from = ""]) => {
    const file = join(dirname(entry), from);
    const names = [...textOf(file).matchAll(/^export (?:async )?(?:function|const) (\w+)/gm)];
    return names.map(([, name = ""]) => declared(file, name, { entry, isType: false }));
  });
  return [...named, ...whole];
}

/** Where a name is declared, through files that only pass it on. */
function declared(file: string, name: string, of: Pick<Exported, "entry" | "isType">): Exported {
  const text = textOf(file.replaceAll("\\", "/"));
  const kinds = "(?:async )?(?:function|const|class|interface|type)";
  const found = new RegExp(`^export ${kinds} ${name}\\b`, "m").exec(text);
  if (found === null) {
    const from = new RegExp(`^export[^;]*\\b${name}\\b[^;]*from "(\\.[^"]+)"`, "m").exec(text)?.[1];
    if (from === undefined) throw new Error(`${file}: does not export ${name}`);
    return declared(join(dirname(file), from), name, of);
  }
  const comment = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n$/.exec(text.slice(0, found.index))?.[1];
  const doc = comment?.replace(/^ ?\* ?/gm, "").trim();
  return { ...of, name, doc, example: doc?.split("@example\n")[1] };
}
