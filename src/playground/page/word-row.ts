/**
 * Words in a row that are moved: dragged, exchanged by picking two, or moved by the arrow keys.
 *
 * Each place is a button that stays; what moves is the word in it, so that focus is never lost.
 */
import { html, type TemplateResult } from "lit-html";
import { exchanged, moved } from "../story.ts";

export interface WordRowOptions {
  readonly label: string;
  readonly words: readonly string[];
  readonly order: readonly number[];
  change(order: readonly number[]): void;
  /** Renders the page again. */
  refresh(): void;
}

/** The place that is dragged from, and the one that was picked to be exchanged. */
const hand: {
  dragged?: number | undefined;
  picked?: number | undefined;
  hasMoved: boolean;
  /** The order that a drag began with, which Escape brings back. */
  before: readonly number[];
} = { hasMoved: false, before: [] };

export function wordRow({ label, words, order, change, refresh }: WordRowOptions): TemplateResult {
  const placeAt = (event: PointerEvent): number | undefined => {
    const chip = document
      .elementFromPoint(event.clientX, event.clientY)
      ?.closest<HTMLElement>("[data-place]");
    return chip === null || chip === undefined ? undefined : Number(chip.dataset.place);
  };
  const down = (event: PointerEvent) => {
    if (event.button !== 0) return;
    [hand.dragged, hand.hasMoved, hand.before] = [placeAt(event), false, order];
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
  };
  const move = (event: PointerEvent) => {
    const over = placeAt(event);
    if (hand.dragged === undefined || over === undefined || over === hand.dragged) return;
    change(moved(order, hand.dragged, over));
    [hand.dragged, hand.hasMoved, hand.picked] = [over, true, undefined];
  };
  const up = (event: PointerEvent) => {
    const place = placeAt(event);
    if (hand.dragged !== undefined && !hand.hasMoved && place !== undefined) {
      pick(place);
      focusPlace(event.currentTarget as HTMLElement, place);
    }
    hand.dragged = undefined;
    refresh();
  };
  const cancel = () => {
    if (hand.dragged !== undefined && hand.hasMoved) change(hand.before);
    [hand.dragged, hand.picked] = [undefined, undefined];
    refresh();
  };
  /** Enter, the space bar, and what assistive technology sends: a pointer's clicks were taken above. */
  const click = (event: MouseEvent) => {
    const chip = (event.target as HTMLElement).closest<HTMLElement>("[data-place]");
    if (event.detail === 0 && chip !== null) pick(Number(chip.dataset.place));
  };
  const pick = (place: number) => {
    if (hand.picked === undefined) hand.picked = place;
    else {
      if (hand.picked !== place) change(exchanged(order, hand.picked, place));
      hand.picked = undefined;
    }
    refresh();
  };
  const key = (event: KeyboardEvent) => {
    const row = event.currentTarget as HTMLElement;
    const from = Number((event.target as HTMLElement).dataset.place);
    const last = order.length - 1;
    const to = { ArrowLeft: from - 1, ArrowRight: from + 1, Home: 0, End: last }[event.key];
    if (event.key === "Escape") cancel();
    else if (to !== undefined && to >= 0 && to <= last) {
      change(moved(order, from, to));
      focusPlace(row, to);
    } else return;
    event.preventDefault();
  };
  return html`<div class="words" role="group" aria-label=${label} @pointerdown=${down} @pointermove=${move} @pointerup=${up} @pointercancel=${cancel} @click=${click} @keydown=${key}>
    ${order.map(
      (word, place) => html`<button
        type="button"
        class="word ${hand.dragged === place ? "dragged" : ""}"
        data-place=${place}
        aria-pressed=${hand.picked === place}
        aria-label=${`${words[word]}, word ${place + 1} of ${order.length}`}
        aria-describedby="how-words-move"
      >
        ${words[word]}
      </button>`,
    )}
  </div>`;
}

const focusPlace = (row: HTMLElement, place: number) =>
  row.querySelector<HTMLElement>(`[data-place="${place}"]`)?.focus();
