/** Bytes of a file of the person's machine; a file that cannot be read any more is told apart from a network that is gone. */

/** The file went away, may not be read, or is another one than was chosen. */
export class FileUnreadableError extends Error {
  constructor(readonly path: string) {
    super(`cannot read ${path}`);
  }
}

export async function readBytes(file: Blob, start: number, end: number, path: string): Promise<Uint8Array<ArrayBuffer>> {
  let data: Uint8Array<ArrayBuffer>;
  try {
    data = new Uint8Array(await file.slice(start, end).arrayBuffer());
  } catch {
    throw new FileUnreadableError(path);
  }
  if (data.length !== end - start) throw new FileUnreadableError(path);
  return data;
}

/** One file as it is, for an upload. */
export class FileBytes {
  readonly size: number;

  constructor(private readonly file: File) {
    this.size = file.size;
  }

  async slice(start: number, end: number): Promise<{ value: Blob; done: boolean }> {
    return { value: new Blob([await readBytes(this.file, start, end, this.file.name)]), done: end >= this.size };
  }

  close(): void {
    // Nothing is held open between two pieces.
  }
}
