/** What the READMEs have for users of the package to run. */
import { expect } from "vitest";
import { textOf } from "../sources.ts";

/** The README's programs, the one of the pure entry first. */
export const examples = [
  ...(textOf("README.md").split("## As a package")[1] ?? "").matchAll(/```js\n([^`]*)```/g),
].map(([, code = ""]) => code);

/** A program with other sizes, each of which it has to have. */
export const resized = (code: string, sizes: Record<string, string>): string =>
  Object.entries(sizes).reduce((text, [from, to]) => {
    expect(text).toContain(from);
    return text.replace(from, to);
  }, code);

/** The probe of the walk, as a file of the user's. */
export function ownProbe(): string {
  const [, walk = ""] = textOf("src/probes/README.md").split("## Add a probe");
  const [imports] = /import \{ defineProbe,[^}]*\} from "whereabouts";/.exec(walk) ?? [];
  const [, code = ""] = /`src\/probes\/entropy\.ts`:\n\n```ts\n(.*?)```/s.exec(walk) ?? [];
  return `${imports}\n${code.replaceAll(/^import .*\n/gm, "").replace("export const entropy =", "export default")}`;
}
