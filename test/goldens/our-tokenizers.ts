/**
 * Prints the tokenizers that this project makes of the text on stdin: what make-tokenizers.py gives
 * to PyPI's `tokenizers`.
 */
import { readFileSync } from "node:fs";
import { tokenizersOf } from "../data/tokenizers-of.ts";

const made = Object.entries(await tokenizersOf(readFileSync(0, "utf8")));
process.stdout.write(JSON.stringify(Object.fromEntries(made.map(([kind, one]) => [kind, one.toJSON()]))));
