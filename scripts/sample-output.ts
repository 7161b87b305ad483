/** How samples are written to stdout: one as its tokens come, several when all are done, or all as JSON. */
import { textStream } from "../src/data/tokenizers/text-stream.ts";
import type { Tokenizer } from "../src/data/tokenizers/tokenizer.ts";
import { printJson, printText } from "./print.ts";

export interface SampleOutput {
  /** Is told after each step: rows of ids, the prompt's included. */
  grown(rows: readonly (readonly number[])[]): void;
  done(rows: readonly (readonly number[])[]): void;
}

interface Shape {
  readonly tokenizer: Tokenizer;
  /** Opens a text and stops it; it is not shown at either end. */
  readonly opening: readonly number[];
  readonly prompt: string;
  readonly json: boolean;
  readonly samples: number;
}

export function outputOf(shape: Shape): SampleOutput {
  if (shape.json) return asJson(shape);
  return shape.samples === 1 ? asTheyCome(shape) : whole(shape);
}

function asTheyCome(shape: Shape): SampleOutput {
  const stream = textStream(shape.tokenizer);
  let given = 0;
  return {
    grown([row = []]) {
      const ids = shown(row, shape);
      printText(
        ids
          .slice(given)
          .map((id) => stream.push(id))
          .join(""),
      );
      given = ids.length;
    },
    done: () => printText(`${stream.end()}\n`),
  };
}

function whole(shape: Shape): SampleOutput {
  return {
    grown() {},
    done: (rows) =>
      printText(`${rows.map((row) => shape.tokenizer.decode(shown(row, shape))).join("\n---\n")}\n`),
  };
}

function asJson(shape: Shape): SampleOutput {
  return {
    grown() {},
    done(rows) {
      const samples = rows.map((ids) => ({ text: shape.tokenizer.decode(shown(ids, shape)), ids }));
      printJson("sample", { prompt: shape.prompt, samples });
    },
  };
}

/** A row without the opening at its start, and without it or the end of the text at its end. */
function shown(row: readonly number[], { tokenizer: { eos }, opening }: Shape): readonly number[] {
  const start = opening.every((id, i) => id === row[i]) ? opening.length : 0;
  const last = row.at(-1);
  const ends = last !== undefined && (last === opening.at(-1) || last === eos);
  const end = row.length > start && ends ? -1 : row.length;
  return row.slice(start, end);
}
