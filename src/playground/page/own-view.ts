/** Chapter 6: a folder of one's own, two texts, and any probe that fits. */
import { html, type TemplateResult } from "lit-html";
import { drawChart } from "../../figures/charts/plot.ts";
import { count, fixed } from "../../figures/format.ts";
import { likeliest, nextWordsChart } from "../../figures/two-sentences.ts";
import type { Comparison } from "../../probes/pair.ts";
import { apartText } from "../first-apart.ts";
import { OWN } from "../messages.ts";
import { LONGEST_READING, LONGEST_TEXT } from "../state.ts";
import type { App } from "./app.ts";
import type { FigureContent } from "./chart-figure.ts";
import { choice, refusal } from "./controls.ts";
import { filesOfDrop, filesOfInput, type GivenModel } from "./dropped-files.ts";
import { probeResults } from "./probe-results.ts";

export function ownView(app: App): TemplateResult {
  const { own } = app;
  return html`
    <p class="lead">
      A run or a step of whereabouts, or a model as Hugging Face's libraries write it: config.json, model.safetensors
      and tokenizer.json. The files stay in this page.
    </p>
    ${dropZone(app)} ${refusal(own.refusal)} ${own.model ? asked(app) : ""}
  `;
}

function dropZone(app: App): TemplateResult {
  const { own, engine } = app;
  const take = async (given: Promise<GivenModel>) => {
    app.own = { name: "…" };
    app.refresh();
    try {
      const { files, notes, name } = await given;
      const model = await app.link.ask("folder", { files });
      const as = model.architecture === undefined ? "" : ` as ${model.architecture}`;
      const from = name === "" ? "" : ` from ${name}`;
      app.own = { model: { ...model, notes: [`Read${as}${from}.`, ...notes, ...model.notes] } };
      app.answers.drop(OWN);
    } catch (error) {
      app.own = { refusal: error instanceof Error ? error.message : String(error) };
    }
    app.refresh();
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    if (event.dataTransfer) void take(filesOfDrop(event.dataTransfer));
  };
  const chosen = (event: Event) => {
    const input = event.target as HTMLInputElement;
    if (input.files?.length) void take(filesOfInput(input.files));
  };
  return html`<div class="drop" @dragover=${(event: Event) => event.preventDefault()} @drop=${drop}>
    <label>
      <span>Drop a folder here, or choose one</span>
      <input type="file" webkitdirectory multiple ?disabled=${!engine} @change=${chosen} />
    </label>
    <p role="status" class="opened">${opened(own)}</p>
  </div>`;
}

function opened({ model, name }: App["own"]): string {
  if (model === undefined) return name === undefined ? "No model yet." : "Reading …";
  const { title, parameters, vocabSize, context, notes } = model;
  return [
    `${title}: ${count(parameters)} parameters, ${count(vocabSize)} tokens, L_max ${count(context)}.`,
    ...notes,
  ].join(" ");
}

function asked(app: App): TemplateResult {
  const { state, answers, set, own } = app;
  const { first, second } = state;
  const compared = answers.read("order", { of: OWN, first, second, continuation: "" });
  const probes = own.model?.probes ?? [];
  return html`
    <div class="texts">
      ${textField("One text", first, { longest: LONGEST_TEXT, change: (text) => set({ first: text }) })}
      ${textField("Another", second, { longest: LONGEST_TEXT, change: (text) => set({ second: text }) })}
    </div>
    ${refusal(compared.refusal)}
    <p class="verdict" role="status">
      ${
        compared.answer
          ? html`<strong>${fixed(compared.answer.divergenceBits, 3)} bits</strong> apart: ${apartText(compared.answer)}.`
          : ""
      }
    </p>
    <chart-figure class="wide" .content=${compared.answer && bars(compared.answer, first, second)}></chart-figure>
    ${
      own.model && !own.model.hasText
        ? textField("Running text that probes read, longer than L_max; empty: the two texts", state.reading, {
            longest: LONGEST_READING,
            change: (reading) => set({ reading }),
          })
        : ""
    }
    ${choice(
      "Probe",
      ["", ...probes.map(({ name }) => name)],
      state.probe,
      (probe) => set({ probe }),
      (one) =>
        one === "" ? "choose a probe" : `${one}: ${probes.find(({ name }) => name === one)?.question ?? ""}`,
    )}
    ${probes.some(({ name }) => name === state.probe) ? probeResults(app, state.probe) : ""}
  `;
}

/** What is being typed stays, whatever else is rendered: it is taken over when it is left. */
const textField = (
  label: string,
  value: string,
  { longest, change }: { readonly longest: number; readonly change: (text: string) => void },
): TemplateResult =>
  html`<label class="field"
    ><span>${label}</span>
    <textarea rows="2" maxlength=${longest} spellcheck="false" .value=${value} @change=${(event: Event) => change((event.target as HTMLTextAreaElement).value)}></textarea>
  </label>`;

function bars(answer: Comparison, first: string, second: string): FigureContent {
  const label = `Next tokens after “${first}” and after “${second}”, two bars for each. ${fixed(answer.divergenceBits, 3)} bits apart.`;
  return {
    key: JSON.stringify([first, second, answer.divergenceBits]),
    title: "Next tokens after each text",
    draw: (width) =>
      drawChart(
        nextWordsChart(likeliest(answer.next), { label, sentences: [first, second], width }),
        document,
      ),
  };
}
