/**
 * Parsing of untrusted configuration: a zod schema, and errors that a person can act on.
 *
 * Each concept declares its schema where it is used, with its defaults; this file only turns zod's
 * issues into one line that names the field by its path, says what it is and what it may be.
 */
import { z } from "zod";
import { InputError } from "./errors.ts";

/**
 * Parses `value`, filling defaults.
 *
 * @param where names the source for messages, such as a file.
 * @throws InputError with the path of the first field that is wrong.
 */
export function parseConfig<S extends z.ZodType>(schema: S, value: unknown, where: string): z.output<S> {
  const result = attempt(schema, value, where);
  if (result.success) return result.data;
  const issue = innermost(result.error.issues[0] as z.core.$ZodIssue);
  throw new InputError(`${where}: ${describe(issue, schema, value)}`);
}

/** A schema of a user's own encoding may throw, or take its time. */
function attempt<S extends z.ZodType>(schema: S, value: unknown, where: string) {
  try {
    return schema.safeParse(value);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : typeof cause;
    throw new InputError(`${where}: the check of a field failed (${why}); mend its schema`, { cause });
  }
}

/**
 * The issue of the branch of a union that came furthest: "expected A or B" says less than what is
 * wrong with A.
 */
function innermost(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== "invalid_union" || issue.errors.length === 0) return issue;
  const branches = issue.errors.map((branch) => branch[0]).filter((branch) => branch !== undefined);
  // of those that came as far, one that is of another type is not what was meant
  const otherType = ({ code }: z.core.$ZodIssue) =>
    code === "invalid_type" || code === "invalid_value" ? 1 : 0;
  const deepest = branches.sort((a, b) => b.path.length - a.path.length || otherType(a) - otherType(b))[0];
  return deepest ? innermost({ ...deepest, path: [...issue.path, ...deepest.path] }) : issue;
}

function describe(issue: z.core.$ZodIssue, schema: z.ZodType, value: unknown): string {
  const path = issue.path.map(String).join(".") || "the value";
  if (issue.code !== "unrecognized_keys") return `${path}: ${issue.message}`;
  const field = [...issue.path.map(String), issue.keys[0] as string].join(".");
  const known = knownFields(schema, issue.path, value);
  return `${field} is not a field${known.length > 0 ? `; known here: ${known.join(", ")}` : ""}`;
}

/** The fields of the object schema at `path`, where it can be found. */
function knownFields(schema: z.ZodType, path: readonly PropertyKey[], value: unknown): string[] {
  const there = path.reduce((node: unknown, name) => fieldOf(node, String(name)), value);
  const objects = schemasAt(schema, path, value).flatMap((found) => objectsOf(found, there));
  return [...new Set(objects.flatMap((object) => Object.keys(object.shape)))];
}

/**
 * What may stand at `path`: found by walking objects, defaults and unions, of which only the
 * options count whose literals the value has.
 *
 * @param value what the schema is to parse; it says which option of a union is meant
 */
export function schemasAt(schema: z.ZodType, path: readonly PropertyKey[], value: unknown): z.ZodType[] {
  const [head, ...rest] = path;
  if (head === undefined) return [schema];
  return objectsOf(schema, value).flatMap(({ shape }) => {
    const field = Object.hasOwn(shape, head) ? shape[String(head)] : undefined;
    return field === undefined ? [] : schemasAt(field as z.ZodType, rest, fieldOf(value, String(head)));
  });
}

/** The object schemas that a schema is or chooses between. */
function objectsOf(schema: z.ZodType, value: unknown): z.ZodObject[] {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodObject) return [inner];
  if (!(inner instanceof z.ZodUnion)) return [];
  const options = inner.options as z.ZodType[];
  const meant = options.filter((option) => hasLiteralsOf(option, value));
  return (meant.length > 0 ? meant : options).flatMap((option) => objectsOf(option, value));
}

/** Whether the fields that an option of a union fixes, such as its `kind`, are those of the value. */
function hasLiteralsOf(option: z.ZodType, value: unknown): boolean {
  const inner = unwrap(option);
  if (!(inner instanceof z.ZodObject)) return false;
  return Object.entries(inner.shape).every(([name, field]) => {
    const literal = unwrap(field as z.ZodType);
    return !(literal instanceof z.ZodLiteral) || literal.values.has(fieldOf(value, name) as never);
  });
}

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;

function unwrap(schema: z.ZodType): z.ZodType {
  const inner =
    schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional
      ? (schema.unwrap() as z.ZodType)
      : schema instanceof z.ZodPipe
        ? (schema.in as z.ZodType)
        : undefined;
  return inner ? unwrap(inner) : schema;
}
