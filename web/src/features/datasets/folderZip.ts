/**
 * A folder as one upload: a zip that is never written, its files stored as they are, made piece by piece as it is sent.
 * It can be begun at any byte, so an upload of it goes on where it stopped. Checksums are reckoned while the files pass by.
 * Layout: APPNOTE.TXT 6.3.10, sections 4.3.7 to 4.3.16 (PKWARE).
 */
import { readBytes } from "./fileBytes";

export type FolderFile = { path: string; file: File };
type Part = { at: number; size: number; read: (from: number, to: number) => Promise<Uint8Array<ArrayBuffer>> };
type Entry = { name: Uint8Array; folderFile: FolderFile; at: number; wide: boolean; checksum: Checksum; reading: Promise<unknown> };

const NARROW = 0xffff_ffff;
const MOST_ENTRIES = 0xffff;
const UTF8_AND_DESCRIPTOR = 0x0808;
/** 1 January 1980: what a date is when nobody asks for it. */
const NO_DATE = 0x0021_0000;
// Small files take longer to open than to read.
const PARTS_AT_ONCE = 192;
const REREAD_BYTES = 8 * 2 ** 20;

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, place) => {
  let value = place;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb8_8320 : value >>> 1;
  return value;
});

/** CRC-32 of a beginning of a file; bytes may come again, or with a gap that is read when the whole is asked for. */
class Checksum {
  private state = NARROW;
  private done = 0;

  constructor(private readonly folderFile: FolderFile) {}

  add(at: number, data: Uint8Array): void {
    if (at > this.done || at + data.length <= this.done) return;
    let state = this.state;
    for (let place = this.done - at; place < data.length; place += 1) state = (state >>> 8) ^ (CRC_TABLE[(state ^ (data[place] ?? 0)) & 0xff] ?? 0);
    this.state = state;
    this.done = at + data.length;
  }

  async whole(): Promise<number> {
    const { file, path } = this.folderFile;
    while (this.done < file.size) this.add(this.done, await readBytes(file, this.done, Math.min(file.size, this.done + REREAD_BYTES), path));
    return ~this.state >>> 0;
  }
}

/** Little-endian numbers, each with how many bytes it takes, and then bytes as they are. */
function packed(numbers: readonly (readonly [value: number, bytes: 2 | 4 | 8])[], ...tail: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const head = numbers.reduce((sum, [, bytes]) => sum + bytes, 0);
  const whole = new Uint8Array(tail.reduce((sum, each) => sum + each.length, head));
  const view = new DataView(whole.buffer);
  let at = 0;
  for (const [value, bytes] of numbers) {
    if (bytes === 2) view.setUint16(at, value, true);
    else if (bytes === 4) view.setUint32(at, value, true);
    else view.setBigUint64(at, BigInt(value), true);
    at += bytes;
  }
  for (const each of tail) {
    whole.set(each, at);
    at += each.length;
  }
  return whole;
}

function localHeader({ name, wide }: Entry): Uint8Array<ArrayBuffer> {
  const extra = wide ? packed([[1, 2], [16, 2], [0, 8], [0, 8]]) : new Uint8Array(0);
  const unknown = wide ? NARROW : 0;
  return packed([[0x0403_4b50, 4], [wide ? 45 : 20, 2], [UTF8_AND_DESCRIPTOR, 2], [0, 2], [NO_DATE, 4], [0, 4], [unknown, 4], [unknown, 4], [name.length, 2], [extra.length, 2]], name, extra);
}

async function descriptor({ folderFile, wide, checksum, reading }: Entry): Promise<Uint8Array<ArrayBuffer>> {
  await reading;
  const size = [folderFile.file.size, wide ? 8 : 4] as const;
  return packed([[0x0807_4b50, 4], [await checksum.whole(), 4], size, size]);
}

function tableLine({ name, folderFile, at }: Entry, checksum: number): Uint8Array<ArrayBuffer> {
  const size = folderFile.file.size;
  const wide = [...(size >= NARROW ? [size, size] : []), ...(at >= NARROW ? [at] : [])].map((value) => [value, 8] as const);
  const extra = wide.length ? packed([[1, 2], [8 * wide.length, 2], ...wide]) : new Uint8Array(0);
  const shown = Math.min(size, NARROW);
  return packed(
    [[0x0201_4b50, 4], [45, 2], [45, 2], [UTF8_AND_DESCRIPTOR, 2], [0, 2], [NO_DATE, 4], [checksum, 4], [shown, 4], [shown, 4], [name.length, 2], [extra.length, 2], [0, 2], [0, 2], [0, 2], [0, 4], [Math.min(at, NARROW), 4]],
    name,
    extra,
  );
}

const lineBytes = ({ name, folderFile, at }: Entry) => 46 + name.length + (folderFile.file.size >= NARROW || at >= NARROW ? 4 + (folderFile.file.size >= NARROW ? 16 : 0) + (at >= NARROW ? 8 : 0) : 0);

function endOf(count: number, tableBytes: number, tableAt: number): Uint8Array<ArrayBuffer> {
  const wide = count >= MOST_ENTRIES || tableAt >= NARROW || tableBytes >= NARROW;
  const shown = Math.min(count, MOST_ENTRIES);
  const end = packed([[0x0605_4b50, 4], [0, 2], [0, 2], [shown, 2], [shown, 2], [Math.min(tableBytes, NARROW), 4], [Math.min(tableAt, NARROW), 4], [0, 2]]);
  if (!wide) return end;
  const record = packed([[0x0606_4b50, 4], [44, 8], [45, 2], [45, 2], [0, 4], [0, 4], [count, 8], [count, 8], [tableBytes, 8], [tableAt, 8]]);
  return packed([], record, packed([[0x0706_4b50, 4], [0, 4], [tableAt + tableBytes, 8], [1, 4]]), end);
}

export class FolderZip {
  readonly size: number;
  private readonly parts: Part[] = [];

  constructor(files: readonly FolderFile[]) {
    let at = 0;
    const add = (size: number, read: Part["read"]) => {
      this.parts.push({ at, size, read });
      at += size;
    };
    const made = (size: number, make: () => Promise<Uint8Array<ArrayBuffer>>) => add(size, async (from, to) => (await make()).subarray(from, to));
    const entries = files.map((folderFile) => {
      const { file, path } = folderFile;
      const wide = file.size >= NARROW;
      const entry: Entry = { name: new TextEncoder().encode(path), folderFile, at, wide, checksum: new Checksum(folderFile), reading: Promise.resolve() };
      const header = localHeader(entry);
      add(header.length, (from, to) => Promise.resolve(header.subarray(from, to)));
      const readPart = async (from: number, to: number) => {
        const data = await readBytes(file, from, to, path);
        entry.checksum.add(from, data);
        return data;
      };
      add(file.size, (from, to) => {
        const reading = readPart(from, to);
        entry.reading = reading;
        return reading;
      });
      made(wide ? 24 : 16, () => descriptor(entry));
      return entry;
    });
    const tableAt = at;
    const tableBytes = entries.reduce((sum, entry) => sum + lineBytes(entry), 0);
    let table: Promise<Uint8Array<ArrayBuffer>> | null = null;
    made(tableBytes, () => (table ??= wholeTable(entries)));
    const end = endOf(entries.length, tableBytes, tableAt);
    add(end.length, (from, to) => Promise.resolve(end.subarray(from, to)));
    this.size = at;
  }

  async slice(start: number, end: number): Promise<{ value: Blob; done: boolean }> {
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    let waiting: Promise<Uint8Array<ArrayBuffer>>[] = [];
    for (let place = this.partAt(start); place < this.parts.length; place += 1) {
      const part = this.parts[place];
      if (!part || part.at >= end) break;
      const from = Math.max(0, start - part.at);
      const to = Math.min(part.size, end - part.at);
      if (from < to) waiting.push(part.read(from, to));
      if (waiting.length < PARTS_AT_ONCE) continue;
      pieces.push(...(await Promise.all(waiting)));
      waiting = [];
    }
    pieces.push(...(await Promise.all(waiting)));
    return { value: new Blob(pieces), done: end >= this.size };
  }

  close(): void {
    // Nothing is held open between two pieces.
  }

  /** The last part that begins at or before a byte. */
  private partAt(byte: number): number {
    let low = 0;
    let high = this.parts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.parts[middle]?.at ?? 0) <= byte) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

async function wholeTable(entries: readonly Entry[]): Promise<Uint8Array<ArrayBuffer>> {
  const lines: Uint8Array[] = [];
  for (const entry of entries) {
    await entry.reading;
    lines.push(tableLine(entry, await entry.checksum.whole()));
  }
  return packed([], ...lines);
}
