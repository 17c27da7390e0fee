import { Errno, File, type Files } from "./files.ts";

// The environment: where temporary files are made. There is only one folder.
const ENVIRONMENT = new TextEncoder().encode("TMPDIR=/\0");

// Numbers of WASI's preview 1.
const enum Kind { Unknown = 0, Directory = 3, Regular = 4 }
const ROOT = 3;
const OPEN_CREATE = 1, OPEN_DIRECTORY = 2, OPEN_EXCLUSIVE = 4, OPEN_TRUNCATE = 8;
const APPEND = 1;
const REALTIME = 0;
const ALL_RIGHTS = 0xFFFF_FFFFn;

interface OpenFile {
  file: File;
  offset: number;
  append: boolean;
}

/** Thrown by proc_exit: the program has ended, and with it the engine. */
export class Exit extends Error {}

type Functions = Record<string, (...args: never[]) => number>;

/** The functions of the system that wasi-libc calls: files in memory, output, clocks and random numbers. */
export class Wasi {
  readonly #memory: WebAssembly.Memory;
  readonly #files: Files;
  readonly #output: (bytes: Uint8Array) => void;
  readonly #open = new Map<number, OpenFile>();

  constructor(memory: WebAssembly.Memory, files: Files, output: (bytes: Uint8Array) => void) {
    this.#memory = memory;
    this.#files = files;
    this.#output = output;
  }

  /** The functions by their names. All others of WASI answer that they are not supported. */
  functions(): Functions {
    return { ...this.#descriptorFunctions(), ...this.#pathFunctions(), ...this.#otherFunctions() };
  }

  get #view(): DataView {
    return new DataView(this.#memory.buffer);
  }

  #bytes(address: number, count: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, address, count);
  }

  #text(address: number, count: number): string {
    return new TextDecoder().decode(this.#bytes(address, count));
  }

  // The buffers of an array of iovec or ciovec.
  #buffers(address: number, count: number): Uint8Array[] {
    const view = this.#view;
    return Array.from({ length: count }, (_, i) =>
      this.#bytes(view.getUint32(address + 8 * i, true), view.getUint32(address + 8 * i + 4, true)));
  }

  #read(fd: number, buffers: number, count: number, into: number): Errno {
    const open = this.#open.get(fd);
    let total = 0;
    if (open !== undefined) {
      for (const buffer of this.#buffers(buffers, count)) {
        const read = open.file.read(open.offset, buffer);
        open.offset += read;
        total += read;
      }
    } else if (fd !== 0) return fd === ROOT ? Errno.IsDirectory : Errno.BadFile;
    this.#view.setUint32(into, total, true);
    return Errno.Success;
  }

  #write(fd: number, buffers: number, count: number, into: number): Errno {
    const open = this.#open.get(fd);
    let total = 0;
    for (const buffer of this.#buffers(buffers, count)) {
      if (fd === 1 || fd === 2) this.#output(buffer.slice());
      else if (open === undefined) return Errno.BadFile;
      else if (!this.#append(open, buffer)) return Errno.NoSpace;
      total += buffer.length;
    }
    this.#view.setUint32(into, total, true);
    return Errno.Success;
  }

  #append(open: OpenFile, buffer: Uint8Array): boolean {
    if (open.append) open.offset = open.file.bytes;
    if (!open.file.write(open.offset, buffer)) return false;
    open.offset += buffer.length;
    return true;
  }

  #seek(fd: number, distance: bigint, whence: number, into: number): Errno {
    const open = this.#open.get(fd);
    if (open === undefined) return fd < ROOT ? Errno.IllegalSeek : Errno.BadFile;
    const from = [0, open.offset, open.file.bytes][whence];
    const offset = (from ?? -Infinity) + Number(distance);
    if (offset < 0) return Errno.Invalid;
    open.offset = offset;
    this.#view.setBigUint64(into, BigInt(offset), true);
    return Errno.Success;
  }

  #descriptorStatus(fd: number, into: number): Errno {
    const kind = fd < ROOT ? Kind.Unknown : fd === ROOT ? Kind.Directory : Kind.Regular;
    if (fd > ROOT && !this.#open.has(fd)) return Errno.BadFile;
    const view = this.#view;
    view.setUint16(into, kind, true);
    view.setUint16(into + 2, this.#open.get(fd)?.append === true ? APPEND : 0, true);
    view.setBigUint64(into + 8, ALL_RIGHTS, true);
    view.setBigUint64(into + 16, ALL_RIGHTS, true);
    return Errno.Success;
  }

  #fileStatus(kind: Kind, bytes: number, into: number): Errno {
    const view = this.#view;
    for (let i = 0; i < 64; i += 8) view.setBigUint64(into + i, 0n, true);
    view.setUint8(into + 16, kind);
    view.setBigUint64(into + 24, 1n, true);
    view.setBigUint64(into + 32, BigInt(bytes), true);
    return Errno.Success;
  }

  #renumber(from: number, to: number): Errno {
    const open = this.#open.get(from);
    if (open === undefined || to <= ROOT) return Errno.BadFile;
    this.#open.delete(from);
    this.#open.set(to, open);
    return Errno.Success;
  }

  #descriptorFunctions(): Functions {
    return {
      fd_close: (fd: number) => (this.#open.delete(fd) || fd < ROOT ? Errno.Success : Errno.BadFile),
      fd_fdstat_get: (fd: number, into: number) => this.#descriptorStatus(fd, into),
      fd_fdstat_set_flags: (fd: number, flags: number) => {
        const open = this.#open.get(fd);
        if (open !== undefined) open.append = (flags & APPEND) !== 0;
        return open === undefined ? Errno.BadFile : Errno.Success;
      },
      fd_filestat_get: (fd: number, into: number) => {
        const open = this.#open.get(fd);
        if (open === undefined && fd > ROOT) return Errno.BadFile;
        const kind = fd < ROOT ? Kind.Unknown : fd === ROOT ? Kind.Directory : Kind.Regular;
        return this.#fileStatus(kind, open?.file.bytes ?? 0, into);
      },
      fd_prestat_get: (fd: number, into: number) => {
        if (fd !== ROOT) return Errno.BadFile;
        this.#view.setUint32(into, 0, true); // a directory
        this.#view.setUint32(into + 4, 1, true); // the length of its name
        return Errno.Success;
      },
      fd_prestat_dir_name: (_fd: number, into: number) => {
        this.#view.setUint8(into, "/".charCodeAt(0));
        return Errno.Success;
      },
      fd_read: (fd: number, buffers: number, count: number, into: number) => this.#read(fd, buffers, count, into),
      fd_write: (fd: number, buffers: number, count: number, into: number) => this.#write(fd, buffers, count, into),
      fd_seek: (fd: number, distance: bigint, whence: number, into: number) => this.#seek(fd, distance, whence, into),
      fd_renumber: (from: number, to: number) => this.#renumber(from, to),
    };
  }

  #openPath(path: string, flags: number, append: boolean, into: number): Errno {
    let fd = ROOT + 1;
    while (this.#open.has(fd)) fd++;
    if ((flags & OPEN_DIRECTORY) !== 0) {
      return this.#files.isDirectory(path) ? Errno.NotSupported
        : this.#files.find(path) ? Errno.NotDirectory : Errno.NoEntry;
    }
    const file = this.#files.open(path, (flags & OPEN_CREATE) !== 0, (flags & OPEN_EXCLUSIVE) !== 0,
      (flags & OPEN_TRUNCATE) !== 0);
    if (!(file instanceof File)) return file;
    this.#open.set(fd, { file, offset: 0, append });
    this.#view.setUint32(into, fd, true);
    return Errno.Success;
  }

  #pathStatus(path: string, into: number): Errno {
    const file = this.#files.find(path);
    if (file !== undefined) return this.#fileStatus(Kind.Regular, file.bytes, into);
    return this.#files.isDirectory(path) ? this.#fileStatus(Kind.Directory, 0, into) : Errno.NoEntry;
  }

  #pathFunctions(): Functions {
    return {
      path_open: (_fd: number, _links: number, path: number, count: number, flags: number, _rights: bigint,
        _inherited: bigint, fdFlags: number, into: number) =>
        this.#openPath(this.#text(path, count), flags, (fdFlags & APPEND) !== 0, into),
      path_filestat_get: (_fd: number, _links: number, path: number, count: number, into: number) =>
        this.#pathStatus(this.#text(path, count), into),
      // No name is a symbolic link.
      path_readlink: (_fd: number, path: number, count: number) => {
        const name = this.#text(path, count);
        return this.#files.find(name) || this.#files.isDirectory(name) ? Errno.Invalid : Errno.NoEntry;
      },
      path_rename: (_fd: number, from: number, fromCount: number, _fd2: number, to: number, toCount: number) =>
        this.#files.rename(this.#text(from, fromCount), this.#text(to, toCount)),
      path_unlink_file: (_fd: number, path: number, count: number) => this.#files.unlink(this.#text(path, count)),
      path_create_directory: (_fd: number, path: number, count: number) =>
        this.#files.makeDirectory(this.#text(path, count)),
      path_remove_directory: (_fd: number, path: number, count: number) =>
        this.#files.removeDirectory(this.#text(path, count)),
    };
  }

  #otherFunctions(): Functions {
    return {
      clock_time_get: (clock: number, _precision: bigint, into: number) => {
        const milliseconds = clock === REALTIME ? Date.now() : performance.now();
        this.#view.setBigUint64(into, BigInt(Math.round(milliseconds * 1e6)), true);
        return Errno.Success;
      },
      random_get: (into: number, count: number) => {
        const most = 65536; // for one call of getRandomValues
        for (let i = 0; i < count; i += most) crypto.getRandomValues(new Uint8Array(this.#memory.buffer, into + i,
          Math.min(most, count - i)));
        return Errno.Success;
      },
      environ_sizes_get: (count: number, bytes: number) => {
        this.#view.setUint32(count, 1, true);
        this.#view.setUint32(bytes, ENVIRONMENT.length, true);
        return Errno.Success;
      },
      environ_get: (pointers: number, into: number) => {
        this.#view.setUint32(pointers, into, true);
        new Uint8Array(this.#memory.buffer, into).set(ENVIRONMENT);
        return Errno.Success;
      },
      proc_exit: () => { throw new Exit("The program has ended itself."); },
    };
  }
}
