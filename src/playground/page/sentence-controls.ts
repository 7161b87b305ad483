/** The words of a sentence, their other order, and the question that follows both. */
import { html, type TemplateResult } from "lit-html";
import type { Catalogue } from "../messages.ts";
import type { Ask, PageState } from "../state.ts";
import { continuationOf, exchanged, inOtherVoice } from "../story.ts";
import type { App } from "./app.ts";
import { choice, radios } from "./controls.ts";
import { wordRow } from "./word-row.ts";

/** @param beside stands at the right of the question */
export function sentenceControls(
  { state, catalogue, set, refresh }: App,
  beside?: TemplateResult,
): TemplateResult {
  const { words, order } = state;
  const last = order.length - 1;
  const order2 = order.map((place) => words[place]).join(" ");
  return html`<div class="sentences">
    <div class="sentence first">
      <span class="mark" aria-hidden="true">■</span>
      <div class="words" role="group" aria-label="One order: choose its words">
        ${words.map((_, place) => wordChoice(state, catalogue, place, set))}
      </div>
    </div>
    <div class="sentence second">
      <span class="mark" aria-hidden="true">■</span>
      ${wordRow({ label: "The other order: move its words", words, order, refresh, change: (next) => set({ order: next }) })}
      <div class="actions">
        <button type="button" class="swap" @click=${() => set({ order: exchanged(order, 0, last) })}>
          ⇄ Swap ${words[order[0] ?? 0]} and ${words[order[last] ?? 0]}
        </button>
        <button type="button" @click=${() => set(inOtherVoice(state, catalogue.verbs))}>
          ${words.length === 3 ? "Passive" : "Active"} voice
        </button>
      </div>
    </div>
    <p id="how-words-move" class="hint">
      Drag the lower words, or pick two to exchange them; arrow keys move one.
    </p>
    <p class="visually-hidden" role="status">The other order is: ${order2}.</p>
    <div class="row">${radios(
      "Then ask",
      [
        { value: "agent", text: continuationOf(words, "agent", catalogue.verbs) },
        { value: "patient", text: continuationOf(words, "patient", catalogue.verbs) },
        { value: "nothing", text: "nothing" },
      ],
      state.ask,
      (ask: Ask) => set({ ask }),
    )}
    ${beside}</div>
  </div>`;
}

/** A noun or a verb can be another; "is" and "by" stay. */
function wordChoice(
  { words }: PageState,
  { nouns, verbs }: Catalogue,
  place: number,
  set: App["set"],
): TemplateResult {
  const word = words[place] as string;
  const isNoun = nouns.includes(word);
  const forms = verbs.map(({ active, participle }) => (words.length === 3 ? active : participle));
  if (!isNoun && !forms.includes(word)) return html`<span class="word fixed">${word}</span>`;
  const others = isNoun ? nouns.filter((noun) => noun === word || !words.includes(noun)) : forms;
  const label = isNoun ? (place === 0 ? "First noun" : "Second noun") : "Verb";
  return html`<span class="word">
    ${choice(label, others, word, (chosen) => set({ words: words.map((one, i) => (i === place ? chosen : one)) }))}
  </span>`;
}
