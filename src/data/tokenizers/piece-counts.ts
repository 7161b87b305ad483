/**
 * How often the pieces of a text occur, in memory that the text does not set: of more different
 * ones than there is room for, the rarest are forgotten, and it is known how much of the text they
 * were and by how much a count may be too small.
 */
import { addPieces } from "./pieces.ts";

/** Room for more different words than any language has; a file of numbers may have more. */
const MOST = 2 ** 20;
/**
 * A piece takes a place for each so many of its characters: words take one, a line of letters
 * without spaces takes more.
 */
const CHARACTERS_A_PLACE = 16;

export class PieceCounts {
  readonly counts = new Map<string, number>();
  readonly #most: number;
  #total = 0;
  #forgotten = 0;
  #lacking = 0;
  #places = 0;

  constructor(most = MOST) {
    this.#most = most;
  }

  /** The share of the text's pieces, each as often as it occurs, that is in no count. */
  get forgottenShare(): number {
    return this.#total === 0 ? 0 : this.#forgotten / this.#total;
  }

  /** By how much a count may be too small: every piece that occurs more often is there. */
  get lacking(): number {
    return this.#lacking;
  }

  add(text: string): void {
    this.#total += addPieces(this.counts, text, (piece) => {
      this.#places += placesOf(piece);
    });
    if (this.#places > this.#most) this.#forget();
  }

  /**
   * Keeps the commonest, half of what there is room for; of equally common ones that do not all
   * fit, some from all over the text.
   */
  #forget(): void {
    const { threshold, room, places } = this.#border(this.#most / 2);
    let [seen, kept] = [0, 0];
    this.#places = 0;
    for (const [piece, count] of this.counts) {
      const own = placesOf(piece);
      let keep = count > threshold;
      if (count === threshold) {
        seen += own;
        keep = (kept + own) * places <= seen * room;
        if (keep) kept += own;
      }
      if (keep) this.#places += own;
      else {
        this.counts.delete(piece);
        this.#forgotten += count;
      }
    }
    this.#lacking += threshold;
  }

  /**
   * The count from which on all do not fit, the places that are left for those who have it, and
   * those that they would take.
   */
  #border(most: number): { threshold: number; room: number; places: number } {
    const placesAt = new Map<number, number>();
    for (const [piece, count] of this.counts)
      placesAt.set(count, (placesAt.get(count) ?? 0) + placesOf(piece));
    let room = most;
    for (const [threshold, places] of [...placesAt].sort(([a], [b]) => b - a)) {
      if (places > room) return { threshold, room, places };
      room -= places;
    }
    return { threshold: 0, room, places: 0 };
  }
}

const placesOf = (piece: string): number => Math.ceil(piece.length / CHARACTERS_A_PLACE);
