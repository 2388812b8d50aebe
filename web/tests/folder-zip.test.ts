import { describe, expect, it } from "vitest";

import { FileUnreadableError } from "@/features/datasets/fileBytes";
import { FolderZip } from "@/features/datasets/folderZip";
import { gathered, isSafePath } from "@/features/datasets/gather";

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const file = (name: string, content: string) => new File([content], name, { lastModified: 1 });
const FILES = [
  { path: "train_curated.csv", file: file("train_curated.csv", "fname,labels\na.wav,狗\n") },
  { path: "train_curated/a.wav", file: file("a.wav", "RIFF".repeat(50)) },
  { path: "train_curated/空.wav", file: file("空.wav", "") },
];

async function bytesOf(zip: FolderZip, start: number, end: number): Promise<Uint8Array> {
  return new Uint8Array(await (await zip.slice(start, end)).value.arrayBuffer());
}

describe("a folder as a zip", () => {
  it("gives the same bytes in pieces of any size, wherever it begins", async () => {
    const whole = await bytesOf(new FolderZip(FILES), 0, new FolderZip(FILES).size);
    expect(whole.length).toBe(new FolderZip(FILES).size);
    for (const piece of [1, 7, 100]) {
      const zip = new FolderZip(FILES);
      const begin = piece * 2; // as an upload that stopped there goes on, with nothing read of what was sent
      const pieces: number[] = [];
      for (let at = begin; at < zip.size; at += piece) pieces.push(...(await bytesOf(zip, at, Math.min(zip.size, at + piece))));
      expect(pieces).toEqual([...whole.slice(begin)]);
    }
  });

  it("lists each file under its path, with the checksum of its content", async () => {
    const zip = new FolderZip(FILES);
    const whole = await bytesOf(zip, 0, zip.size);
    const view = new DataView(whole.buffer);
    const end = zip.size - 22;
    expect([view.getUint32(end, true), view.getUint16(end + 10, true)]).toEqual([0x0605_4b50, 3]);
    let at = view.getUint32(end + 16, true);
    const found: [string, number][] = [];
    while (view.getUint32(at, true) === 0x0201_4b50) {
      const name = view.getUint16(at + 28, true);
      found.push([text(whole.slice(at + 46, at + 46 + name)), view.getUint32(at + 16, true)]);
      at += 46 + name;
    }
    expect(found).toEqual([["train_curated.csv", 0x880c_a6ae], ["train_curated/a.wav", 0xee95_fdc6], ["train_curated/空.wav", 0]]);
  });

  it("says which file went away, and is no shorter for it", async () => {
    const gone = new File(["x"], "gone.wav");
    Object.defineProperty(gone, "slice", { value: () => ({ arrayBuffer: () => Promise.reject(new DOMException("", "NotFoundError")) }) });
    const zip = new FolderZip([...FILES, { path: "z/gone.wav", file: gone }]);
    await expect(zip.slice(0, zip.size)).rejects.toEqual(new FileUnreadableError("z/gone.wav"));
    const shorter = new File(["ab"], "b.wav");
    Object.defineProperty(shorter, "size", { value: 5 });
    await expect(new FolderZip([{ path: "b.wav", file: shorter }]).slice(0, 60)).rejects.toThrow("b.wav");
  });
});

describe("what was chosen", () => {
  const folder = (...paths: string[]) => gathered({ files: [], folders: new Map([["in", paths.map((path) => ({ path, file: file(path, path) }))]]), unreadable: [] });

  it("becomes one upload for each folder, with its count", async () => {
    const { arrivals, unreadable, unsafe } = await folder("b/2.wav", "a/1.wav", "labels.csv");
    expect(arrivals.map(({ name, isFolder, fileCount }) => [name, isFolder, fileCount])).toEqual([["in", true, 3]]);
    expect([unreadable, unsafe]).toEqual([[], []]);
  });

  it("leaves out and names what no zip may hold", async () => {
    const { arrivals, unsafe } = await folder("A.wav", "a.wav", "evil\u202egpj.wav", "..\\x.wav", "C:x.wav", "good.wav");
    expect(unsafe).toEqual(["a.wav", "evil\ufffdgpj.wav", "..\\x.wav", "C:x.wav"]);
    expect(arrivals[0]?.fileCount).toBe(2);
    expect(["/x", "a//b", "a/../b", `${"a/".repeat(16)}b`, "é".repeat(513), "a\nb"].filter(isSafePath)).toEqual([]);
    expect(isSafePath("train/狗 (1).wav")).toBe(true);
  });

  it("sends the zips of a competition beside its tables as zips", async () => {
    const names = async (...paths: string[]) => (await folder(...paths)).arrivals.map(({ name, isFolder }) => `${name}${isFolder ? "/" : ""}`);
    expect(await names("train_curated.csv", "train_curated.zip")).toEqual(["in/", "train_curated.zip"]);
    expect(await names("train_curated.csv", "train_curated.zip", "train_curated/a.wav")).toEqual(["in/"]);
    expect(await names("clips.zip", "a.wav")).toEqual(["in/"]);
  });
});
