/** The lines that were typed, and a place in them that moves with the arrow keys. */
export class History {
  readonly #lines: string[];
  #place: number;
  #draft = "";

  constructor(lines: readonly string[] = []) {
    this.#lines = [...lines];
    this.#place = this.#lines.length;
  }

  /** Adds a line. One that equals the last is not added. Returns whether it was added. */
  add(line: string): boolean {
    const isNew = line.trim() !== "" && line !== this.#lines[this.#lines.length - 1];
    if (isNew) this.#lines.push(line);
    this.#place = this.#lines.length;
    this.#draft = "";
    return isNew;
  }

  /** The line before the place; undefined if there is none. `typed` is kept for the way back. */
  older(typed: string): string | undefined {
    if (this.#place === this.#lines.length) this.#draft = typed;
    if (this.#place === 0) return undefined;
    this.#place -= 1;
    return this.#lines[this.#place];
  }

  /** The line after the place, at the end what had been typed; undefined if there is none. */
  newer(): string | undefined {
    if (this.#place === this.#lines.length) return undefined;
    this.#place += 1;
    return this.#place === this.#lines.length ? this.#draft : this.#lines[this.#place];
  }
}
