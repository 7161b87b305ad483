/** Makes small zip archives for the tests of set-up. */
import { crc32, deflateRawSync } from "node:zlib";

/** A zip archive with the members given, deflated; names that end with `.stored` are stored as they are. */
export function makeZip(members: Readonly<Record<string, Buffer | string>>): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(members)) {
    const bytes = Buffer.from(content);
    const method = name.endsWith(".stored") ? 0 : 8;
    const packed = method === 0 ? bytes : deflateRawSync(bytes);
    const local = header(0x04034b50, 30, name, method, bytes, packed, 4);
    const entry = header(0x02014b50, 46, name, method, bytes, packed, 6);
    entry.writeUInt32LE((0o100644 << 16) >>> 0, 38);
    entry.writeUInt32LE(offset, 42);
    locals.push(local, packed);
    directory.push(entry);
    offset += local.length + packed.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, central, end]);
}

/** Local header and directory entry share their fields; in the entry they stand two bytes later. */
function header(
  signature: number,
  length: number,
  name: string,
  method: number,
  bytes: Buffer,
  packed: Buffer,
  versionAt: number,
): Buffer {
  const fixed = Buffer.alloc(length);
  fixed.writeUInt32LE(signature, 0);
  fixed.writeUInt16LE(20, versionAt);
  fixed.writeUInt16LE(method, versionAt + 4);
  fixed.writeUInt32LE(crc32(bytes), versionAt + 10);
  fixed.writeUInt32LE(packed.length, versionAt + 14);
  fixed.writeUInt32LE(bytes.length, versionAt + 18);
  fixed.writeUInt16LE(Buffer.byteLength(name), versionAt + 22);
  return Buffer.concat([fixed, Buffer.from(name)]);
}
