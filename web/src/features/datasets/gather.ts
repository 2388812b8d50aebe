/** What was chosen or dropped, as uploads: files as they are, each folder with everything in it as one. */
import { FileBytes, FileUnreadableError, readBytes } from "./fileBytes";
import { type FolderFile, FolderZip } from "./folderZip";

/** One upload to come. A folder's `size` is that of the zip it is sent as. */
export type Arriving = { name: string; size: number; lastModified: number; isFolder: boolean; fileCount: number; open: () => FileBytes | FolderZip };
export type Gathered = { arrivals: readonly Arriving[]; unreadable: readonly string[]; unsafe: readonly string[] };
type Found = { files: File[]; folders: Map<string, FolderFile[]>; unreadable: string[] };

type Dropped = { entry: FileSystemEntry | null; file: File | null };

const MOST_DEPTH = 16;
const MOST_NAME_BYTES = 1_024;
const AT_ONCE = 64;
const TABLE = /\.(csv|tsv|parquet)$/i;
// Characters that are not seen, or that turn the direction of text.
const DECEIVING = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u;
const EACH_DECEIVING = new RegExp(DECEIVING, "gu");

/** Whether the server takes this path within a folder. */
export function isSafePath(path: string): boolean {
  const plain = path.replaceAll("\\", "/");
  const parts = plain.split("/");
  const isPlaced = !plain.startsWith("/") && plain[1] !== ":" && !parts.includes("..") && !parts.includes("");
  return isPlaced && parts.length <= MOST_DEPTH && !DECEIVING.test(plain) && new TextEncoder().encode(plain).length <= MOST_NAME_BYTES;
}

/** Files of a file dialog; those of a folder carry their path. */
export function foundInList(list: FileList): Found {
  const found: Found = { files: [], folders: new Map(), unreadable: [] };
  for (const file of list) {
    const [folder, ...rest] = file.webkitRelativePath.split("/");
    if (!folder || rest.length === 0) found.files.push(file);
    else {
      const inside = found.folders.get(folder) ?? [];
      inside.push({ path: rest.join("/"), file });
      found.folders.set(folder, inside);
    }
  }
  return found;
}

/** What a drop holds; to be asked for at once, as it is gone when the event is over. */
export function droppedEntries(transfer: DataTransfer): Dropped[] {
  const items = [...transfer.items].filter((item) => item.kind === "file");
  return items.map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
}

export async function foundInDrop(dropped: readonly Dropped[], onCount: (files: number) => void): Promise<Found> {
  const found: Found = { files: [], folders: new Map(), unreadable: [] };
  let count = 0;
  for (const { entry, file } of dropped) {
    if (entry?.isDirectory) {
      const inside: FolderFile[] = [];
      found.folders.set(entry.name, inside);
      await walk(entry as FileSystemDirectoryEntry, "", inside, found.unreadable, (more) => onCount((count += more)));
    } else if (file) {
      found.files.push(file);
      onCount((count += 1));
    }
  }
  return found;
}

async function walk(folder: FileSystemDirectoryEntry, under: string, inside: FolderFile[], unreadable: string[], onMore: (files: number) => void): Promise<void> {
  const reader = folder.createReader();
  for (;;) {
    let some: FileSystemEntry[];
    try {
      some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    } catch {
      unreadable.push(under ? under.slice(0, -1) : folder.name);
      return;
    }
    if (some.length === 0) return; // entries come in portions, and an empty one is the last
    const files = some.filter((entry) => entry.isFile) as FileSystemFileEntry[];
    const opened = await Promise.all(files.map((entry) => new Promise<File | null>((resolve) => entry.file(resolve, () => resolve(null)))));
    for (const [place, entry] of files.entries()) {
      const file = opened[place];
      if (file) inside.push({ path: `${under}${entry.name}`, file });
      else unreadable.push(`${under}${entry.name}`);
    }
    onMore(files.length);
    for (const entry of some) if (entry.isDirectory) await walk(entry as FileSystemDirectoryEntry, `${under}${entry.name}/`, inside, unreadable, onMore);
  }
}

/** Turn what was found into uploads; what cannot be sent is named. */
export async function gathered(found: Found): Promise<Gathered> {
  const unreadable = [...found.unreadable];
  const unsafe: string[] = [];
  const arrivals: Arriving[] = [];
  for (const [name, files] of found.folders) {
    const { inside, zips } = apart(await readable(safe(files, unsafe), unreadable));
    if (inside.length) arrivals.push(folderArriving(name, inside));
    arrivals.push(...zips.map(fileArriving));
  }
  const files = await readable(found.files.map((file) => ({ path: file.name, file })), unreadable);
  return { arrivals: [...arrivals, ...files.map(({ file }) => fileArriving(file))], unreadable, unsafe };
}

function folderArriving(name: string, files: FolderFile[]): Arriving {
  files.sort((one, other) => (one.path < other.path ? -1 : 1));
  const zip = new FolderZip(files);
  const lastModified = files.reduce((latest, { file }) => Math.max(latest, file.lastModified), 0);
  return { name, size: zip.size, lastModified, isFolder: true, fileCount: files.length, open: () => zip };
}

const fileArriving = (file: File): Arriving => ({ name: file.name, size: file.size, lastModified: file.lastModified, isFolder: false, fileCount: 1, open: () => new FileBytes(file) });

/** Leave out files of which not even the first byte can be read. */
async function readable(files: readonly FolderFile[], unreadable: string[]): Promise<FolderFile[]> {
  const good: FolderFile[] = [];
  for (let start = 0; start < files.length; start += AT_ONCE) {
    const some = files.slice(start, start + AT_ONCE);
    const states = await Promise.all(some.map(({ file, path }) => readBytes(file, 0, Math.min(1, file.size), path).then(() => true, isReadError)));
    some.forEach((each, place) => (states[place] ? good.push(each) : unreadable.push(each.path)));
  }
  return good;
}

function isReadError(reason: unknown): false {
  if (reason instanceof FileUnreadableError) return false;
  throw reason;
}

/** Leave out names that no zip may hold: unsafe ones, and one of two that some machine takes for the same. */
function safe(files: readonly FolderFile[], unsafe: string[]): FolderFile[] {
  const seen = new Set<string>();
  return files.filter(({ path }) => {
    const key = path.replaceAll("\\", "/").normalize("NFC").toUpperCase().toLowerCase();
    const good = isSafePath(path) && !seen.has(key);
    seen.add(key);
    if (!good) unsafe.push(path.replace(EACH_DECEIVING, "\ufffd"));
    return good;
  });
}

/** Zips beside a table hold the files that it names, as a competition gives them: they go up as zips of their own. */
function apart(files: readonly FolderFile[]): { inside: FolderFile[]; zips: File[] } {
  const atTop = files.filter(({ path }) => !path.includes("/"));
  if (!atTop.some(({ path }) => TABLE.test(path))) return { inside: [...files], zips: [] };
  const isUnpacked = (stem: string) => files.some(({ path }) => path.startsWith(`${stem}/`));
  const zips = atTop.filter(({ path }) => /\.zip$/i.test(path) && !isUnpacked(path.replace(/\.zip$/i, "")));
  return { inside: files.filter((each) => !zips.includes(each)), zips: zips.map(({ file }) => file) };
}
