/**
 * Memory for arrays that are read one after another and soon done with. Fetched anew for each it
 * costs as much as reading: the system clears it, and the collector runs each time that some
 * megabytes of it were dropped.
 */

/** Beyond so many bytes arrays are few, and kept they would count at the peak. */
const LARGEST = 2 ** 26;
/** As many as parts of one parameter wait for each other: queries, keys and values, and one that is read. */
const MOST = 4;

export interface ReusedMemory {
  /** So many bytes, which hold anything: whoever gets them writes all of them. */
  bytes(length: number): Uint8Array<ArrayBuffer>;
  /** Gives an array back that nobody reads any more. */
  free(array: ArrayBufferView<ArrayBuffer>): void;
}

export function reusedMemory(): ReusedMemory {
  const kept: ArrayBuffer[] = []; // from the smallest to the largest
  return {
    bytes(length) {
      const at = kept.findIndex(({ byteLength }) => byteLength >= length);
      const [buffer = new ArrayBuffer(length)] = at < 0 ? [] : kept.splice(at, 1);
      return new Uint8Array(buffer, 0, length);
    },
    free({ buffer }) {
      if (buffer.byteLength > LARGEST || kept.includes(buffer)) return;
      kept.push(buffer);
      kept.sort((a, b) => a.byteLength - b.byteLength);
      if (kept.length > MOST) kept.shift();
    },
  };
}

/** That is not used again. */
export const freshMemory: ReusedMemory = {
  bytes: (length) => new Uint8Array(length),
  free: () => {},
};
