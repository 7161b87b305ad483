/** How commands write: data to stdout, all else to stderr, and nothing of a file as it stands. */
import { jsonText, oneLine, printableLines } from "../src/printable.ts";

/** One line of JSON on stdout. */
export function printJson(what: string, value: unknown): void {
  process.stdout.write(`${jsonText(what, value)}\n`);
}

/** Text on stdout that may quote a model or a file. */
export function printText(text: string): void {
  process.stdout.write(printableLines(text));
}

/** Lines on stderr after the name of a command. */
export function tell(command: string, ...notes: readonly string[]): void {
  for (const note of notes) process.stderr.write(`${command}: ${oneLine(note)}\n`);
}
