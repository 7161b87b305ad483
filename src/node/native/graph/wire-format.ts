/**
 * Protobuf's wire format: a key `field << 3 | type`, then a varint (type 0), a little-endian float
 * (type 5) or a length and that many bytes (type 2).
 */

/** Names of nodes and ops, nearly all. */
const ASCII = /^[\x20-\x7e]*$/;

/** Bytes that a length takes at most: messages are shorter than 2 GB, as in every protobuf library. */
const LENGTH_BYTES = 5;

/** Fields, one after another in one array. A graph has some 20,000; an array for each took longer than TensorFlow takes to load it. */
export class Writer {
  #bytes = new Uint8Array(2 ** 16);
  #at = 0;

  integer(field: number, value: number): void {
    this.#varint(field << 3);
    this.#varint(value);
  }

  float(field: number, value: number): void {
    this.#varint((field << 3) | 5);
    this.#reserve(4);
    new DataView(this.#bytes.buffer).setFloat32(this.#at, value, true);
    this.#at += 4;
  }

  bytes(field: number, value: Uint8Array): void {
    this.#varint((field << 3) | 2);
    this.#varint(value.length);
    this.#reserve(value.length);
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
  }

  text(field: number, value: string): void {
    if (!ASCII.test(value)) {
      this.bytes(field, new TextEncoder().encode(value));
      return;
    }
    this.#varint((field << 3) | 2);
    this.#varint(value.length);
    this.#reserve(value.length);
    for (let i = 0; i < value.length; i++) this.#bytes[this.#at++] = value.charCodeAt(i);
  }

  /** A message of what `write` writes, moved to follow its length once that is known. */
  message(field: number, write: () => void): void {
    this.#varint((field << 3) | 2);
    this.#reserve(LENGTH_BYTES);
    const start = this.#at;
    this.#at += LENGTH_BYTES;
    write();
    const end = this.#at;
    this.#at = start; // a message begins with a varint, which has made room for that of its length
    this.#varint(end - start - LENGTH_BYTES);
    this.#bytes.copyWithin(this.#at, start + LENGTH_BYTES, end);
    this.#at += end - start - LENGTH_BYTES;
  }

  written(): Uint8Array {
    return this.#bytes.subarray(0, this.#at);
  }

  #varint(value: number): void {
    if (!Number.isSafeInteger(value)) throw new RangeError(`protobuf: ${value} is no whole number`);
    this.#reserve(10);
    if (value < 0) {
      this.#negative(value);
      return;
    }
    let rest = value;
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) this.#bytes[this.#at++] = (rest % 128) | 0x80;
    this.#bytes[this.#at++] = rest;
  }

  /** Ten bytes, as in two's complement of 64 bits. */
  #negative(value: number): void {
    let rest = BigInt.asUintN(64, BigInt(value));
    for (; rest > 0x7fn; rest >>= 7n) this.#bytes[this.#at++] = Number(rest & 0x7fn) | 0x80;
    this.#bytes[this.#at++] = Number(rest);
  }

  #reserve(length: number): void {
    const needed = this.#at + length;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    larger.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = larger;
  }
}
