/** The lines that were typed, and the one that the arrows have reached. */
export class History {
  readonly #lines: string[] = [];
  #at = 0;
  #draft = "";

  /** Adds a line. The arrows begin behind it. */
  add(line: string): void {
    if (this.#lines.at(-1) !== line) this.#lines.push(line);
    this.#at = this.#lines.length;
    this.#draft = "";
  }

  /** The line before or after the one shown; behind the last one is what was being typed. Null: there is none. */
  go(by: 1 | -1, shown: string): string | null {
    const next = this.#at + by;
    if (next < 0 || next > this.#lines.length) return null;
    if (this.#at === this.#lines.length) this.#draft = shown;
    this.#at = next;
    return this.#lines[next] ?? this.#draft;
  }
}
