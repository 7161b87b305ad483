/** Names of a user's own definitions. */
import { z } from "zod";

export const callable = z.custom<(...args: never[]) => unknown>((value) => typeof value === "function", {
  error: "must be a function",
});

/** A name that no listed one has. @param what "encoding", "task", … */
export function ownName(what: string, listed: readonly string[]) {
  return z
    .string()
    .regex(/^[a-z][a-z0-9-]*$/, `lower-case letters, digits and '-' only, such as my-${what}`)
    .refine((name) => !listed.includes(name), { error: `is the name of a listed ${what}; choose another` });
}
