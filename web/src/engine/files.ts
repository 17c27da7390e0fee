/** Numbers of errors, as WASI has them. */
export const enum Errno {
  Success = 0, BadFile = 8, Exists = 20, Invalid = 28, IsDirectory = 31, NoEntry = 44, NoSpace = 51, NotSupported = 52,
  NotDirectory = 54, NotEmpty = 55, IllegalSeek = 70,
}

/** The bytes of a file. An open file keeps them when its name is removed. */
export class File {
  #room: Uint8Array;
  #bytes: number;

  constructor(content: Uint8Array = new Uint8Array(0)) {
    this.#room = content;
    this.#bytes = content.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The content. It is valid until the file is written. */
  content(): Uint8Array {
    return this.#room.subarray(0, this.#bytes);
  }

  /** Copies bytes from an offset into a buffer, and returns their count. */
  read(offset: number, into: Uint8Array): number {
    const part = this.#room.subarray(Math.min(offset, this.#bytes), Math.min(offset + into.length, this.#bytes));
    into.set(part);
    return part.length;
  }

  /** Writes bytes at an offset. Bytes between the end and the offset are zero. false: there is no memory. */
  write(offset: number, from: Uint8Array): boolean {
    const end = offset + from.length;
    if (end > this.#room.length && !this.#grow(end)) return false;
    this.#room.set(from, offset);
    this.#bytes = Math.max(this.#bytes, end);
    return true;
  }

  truncate(): void {
    this.#room = new Uint8Array(0);
    this.#bytes = 0;
  }

  #grow(bytes: number): boolean {
    try {
      const room = new Uint8Array(Math.max(bytes, 2 * this.#room.length, 256));
      room.set(this.content());
      this.#room = room;
      return true;
    } catch {
      return false; // RangeError: such a buffer cannot be made
    }
  }
}

/** The segments of a path from the root, without "." and "..". */
function normal(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "..") segments.pop();
    else if (segment !== "" && segment !== ".") segments.push(segment);
  }
  return segments.join("/");
}

function parent(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("/"), 0));
}

/** Files in memory by their paths. The path "" is the root; others have no slash in front. */
export class Files {
  readonly #files = new Map<string, File>();
  readonly #directories = new Set([""]);

  find(path: string): File | undefined {
    return this.#files.get(normal(path));
  }

  isDirectory(path: string): boolean {
    return this.#directories.has(normal(path));
  }

  /** Makes a file with these bytes, which it keeps, and the directories of its path; an older file is replaced. */
  put(path: string, content: Uint8Array): void {
    const name = normal(path);
    for (let above = parent(name); above !== ""; above = parent(above)) this.#directories.add(above);
    this.#files.set(name, new File(content));
  }

  /** Opens a file, as path_open of WASI with the flags O_CREAT, O_EXCL and O_TRUNC. */
  open(path: string, create: boolean, exclusive: boolean, truncate: boolean): File | Errno {
    const name = normal(path);
    if (this.#directories.has(name)) return exclusive ? Errno.Exists : Errno.IsDirectory;
    const found = this.#files.get(name);
    if (found === undefined) return create ? this.#create(name) : Errno.NoEntry;
    if (exclusive) return Errno.Exists;
    if (truncate) found.truncate();
    return found;
  }

  #create(name: string): File | Errno {
    if (!this.#directories.has(parent(name))) return Errno.NoEntry;
    const file = new File();
    this.#files.set(name, file);
    return file;
  }

  rename(from: string, to: string): Errno {
    const [source, target] = [normal(from), normal(to)];
    const file = this.#files.get(source);
    if (file === undefined) return Errno.NoEntry;
    if (this.#directories.has(target)) return Errno.IsDirectory;
    if (!this.#directories.has(parent(target))) return Errno.NoEntry;
    this.#files.delete(source);
    this.#files.set(target, file);
    return Errno.Success;
  }

  unlink(path: string): Errno {
    if (this.isDirectory(path)) return Errno.IsDirectory;
    return this.#files.delete(normal(path)) ? Errno.Success : Errno.NoEntry;
  }

  makeDirectory(path: string): Errno {
    const name = normal(path);
    if (this.#directories.has(name) || this.#files.has(name)) return Errno.Exists;
    if (!this.#directories.has(parent(name))) return Errno.NoEntry;
    this.#directories.add(name);
    return Errno.Success;
  }

  removeDirectory(path: string): Errno {
    const name = normal(path);
    if (!this.#directories.has(name)) return this.#files.has(name) ? Errno.NotDirectory : Errno.NoEntry;
    if (name === "" || this.names(path).length > 0) return Errno.NotEmpty;
    this.#directories.delete(name);
    return Errno.Success;
  }

  /** The names of the files and directories in a directory. */
  names(path: string): string[] {
    const name = normal(path);
    const all = [...this.#files.keys(), ...this.#directories].filter((one) => one !== "" && parent(one) === name);
    return all.map((one) => one.slice(name === "" ? 0 : name.length + 1)).sort();
  }
}
