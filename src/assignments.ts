/**
 * Changes of a configuration by path, as `--set train.steps=500` gives them.
 *
 * The schema says how an assignment's text is read, so that `data.path=2024` is a path and
 * `train.steps=2024` a number. What is then wrong is said of the assignment that made it so, not of
 * the file that was right before.
 */
import { z } from "zod";
import { schemasAt } from "./config.ts";
import { InputError } from "./errors.ts";
import { parseJson } from "./json.ts";

type Fields = Record<string, unknown>;

interface Assigning<T> {
  /** Of the value; says what may stand at a path. */
  readonly schema: z.ZodType;
  /** Parses the changed value. @throws InputError that begins with `where`. */
  readonly parse: (changed: Fields, where: string) => T;
}

/**
 * Applies assignments to a copy of an object and parses it.
 *
 * @param where names the object's source for messages, such as a file
 * @throws InputError that names the assignment at fault, or `where` if none is
 */
export function parseAssigned<T>(
  value: object,
  assignments: readonly string[],
  where: string,
  { schema, parse }: Assigning<T>,
): T {
  const attempt = (some: readonly string[], source: string) => parse(assigned(value, some, schema), source);
  try {
    return attempt(assignments, where);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const refusal = (some: readonly string[]) => messageOf(() => attempt(some, where));
    const culprits = culpritsOf(assignments, error.message, refusal);
    if (culprits.length === 0) throw error;
    return attempt(assignments, culprits.map((culprit) => `--set ${culprit}`).join(" "));
  }
}

/** A copy of the object with each field set; the last of several assignments to a field wins. */
export function assigned(
  value: object,
  assignments: readonly string[],
  schema: z.ZodType = z.unknown(),
): Fields {
  const set = (given: (path: readonly string[], text: string) => unknown): Fields => {
    const copy = structuredClone(value) as Fields;
    for (const assignment of assignments) {
      const { path, text } = partsOf(assignment);
      setPath(copy, path, given(path, text));
    }
    return copy;
  };
  // What a path means may hang on another assignment, such as data.kind=text: all are made before
  // any is judged.
  const rough = set((_path, text) => jsonOrText(text));
  return set((path, text) => {
    const json = jsonOrText(text);
    const fields = schemasAt(schema, path, rough);
    const taken = (candidate: unknown) => fields.some((field) => field.safeParse(candidate).success);
    return json !== text && !taken(json) && taken(text) ? text : json;
  });
}

/**
 * The last assignment without which another thing would be wrong, or nothing; all where only
 * together they are; none where the value is.
 */
function culpritsOf(
  assignments: readonly string[],
  message: string,
  refusal: (some: readonly string[]) => string | undefined,
): readonly string[] {
  const without = (index: number) => refusal(assignments.filter((_, i) => i !== index));
  const culprit = assignments.findLast((_, index) => without(index) !== message);
  if (culprit !== undefined) return [culprit];
  return refusal([]) === message ? [] : assignments;
}

function messageOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** No config has a longer path, and one of 10^5 names would be too deep to be copied. */
const MOST_NAMES = 20;

function partsOf(assignment: string): { path: readonly string[]; text: string } {
  const equals = assignment.indexOf("=");
  if (equals < 1) throw new InputError(`--set: "${assignment}" is not path=value, such as train.steps=500`);
  const path = assignment.slice(0, equals).split(".");
  if (path.length > MOST_NAMES || path.some((name) => name === "" || name in Object.prototype)) {
    throw new InputError(`--set: "${assignment.slice(0, equals)}" is not the path of a field`);
  }
  return { path, text: assignment.slice(equals + 1) };
}

/** Makes the objects on its way. */
function setPath(object: Fields, path: readonly string[], value: unknown): void {
  let node = object;
  for (const name of path.slice(0, -1)) {
    if (typeof node[name] !== "object" || node[name] === null) node[name] = {};
    node = node[name] as Fields;
  }
  node[path.at(-1) as string] = value;
}

function jsonOrText(text: string): unknown {
  try {
    return parseJson(text, "--set");
  } catch (error) {
    if (error instanceof InputError) throw error;
    return text;
  }
}
