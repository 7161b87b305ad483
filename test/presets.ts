/** Presets as a user writes them, and what a wrong one is told. */
import { expect } from "vitest";
import { InputError } from "../src/errors.ts";
import { parsePreset } from "../src/train/preset.ts";

/** A preset of a name and an encoding, with these fields of `model` and of its own. */
export const preset = (model: object = {}, rest: object = {}) => ({
  name: "tiny",
  model: { position: { kind: "learned" }, ...model },
  ...rest,
});

/** The message with which a preset is refused. */
export function refusal(given: unknown, changes: readonly string[] = []): string {
  try {
    parsePreset(given, "a.json", changes);
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return (error as Error).message;
  }
  throw new Error("was not refused");
}
