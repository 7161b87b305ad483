/** Controls that chapters share, of the browser's own elements. */
import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { encodingColor } from "../../figures/palette.ts";
import type { Catalogue } from "../messages.ts";

/** One of some, in a list that opens. */
export function choice<T extends string>(
  label: string,
  options: readonly T[],
  chosen: T,
  choose: (option: T) => void,
  text: (option: T) => string = (option) => option,
): TemplateResult {
  return html`<label class="field"
    ><span>${label}</span>
    <select .value=${live(chosen)} @change=${(event: Event) => choose((event.target as HTMLSelectElement).value as T)}>
      ${options.map((option) => html`<option value=${option} ?selected=${option === chosen}>${text(option)}</option>`)}
    </select>
  </label>`;
}

/** One of the models. */
export function encodingChoice(
  { models }: Catalogue,
  chosen: string,
  choose: (encoding: string) => void,
  label = "Encoding",
): TemplateResult {
  const titles = new Map(models.map(({ encoding, title }) => [encoding, title]));
  return choice(label, [...titles.keys()], chosen, choose, (one) => titles.get(one) ?? one);
}

/** One of a few, all in sight. */
export function radios<T extends string>(
  legend: string,
  options: readonly { readonly value: T; readonly text: string; readonly note?: string }[],
  chosen: T,
  choose: (option: T) => void,
): TemplateResult {
  const name = legend.toLowerCase().replaceAll(/[^a-z]+/g, "-");
  return html`<fieldset class="radios">
    <legend>${legend}</legend>
    ${options.map(
      ({ value, text, note }) =>
        html`<label class="pill"
          ><input type="radio" name=${name} .checked=${live(value === chosen)} @change=${() => choose(value)} />
          <span>${text}${note ? html` <small>${note}</small>` : nothing}</span></label
        >`,
    )}
  </fieldset>`;
}

/** The name of an encoding in its colour. */
export const encodingName = (encoding: string, title: string): TemplateResult =>
  html`<span class="encoding" style=${`color: ${encodingColor(encoding)}`}>${title}</span>`;

/** Why there is no answer. */
export const refusal = (text: string | undefined): TemplateResult | typeof nothing =>
  text === undefined ? nothing : html`<p class="refusal" role="alert">${text}</p>`;

export const titleOf = ({ models }: Catalogue, encoding: string): string =>
  models.find((one) => one.encoding === encoding)?.title ?? encoding;
