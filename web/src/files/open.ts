import { bytesText, grouped } from "../parts/amounts.ts";
import { make } from "../parts/dom.ts";
import type { OpenOptions } from "../facts.ts";
import type { App } from "../page/app.ts";
import { optionsOf } from "../tools/geometry.ts";
import { makeProblem, sentenceOf } from "../tools/problem.ts";
import { bytesOf, MOST_BYTES, pathOf } from "./dropped.ts";

const NOTHING = new Uint8Array(0);

/** Opens files of the reader, chosen by a button or dropped on the page. */
class FileOpener {
  readonly element: HTMLElement;
  readonly #app: App;
  readonly #problem = makeProblem();
  readonly #state = make("p", { role: "status" });
  readonly #from = make("input", { type: "text", inputmode: "numeric", class: "number", "aria-label": "First request" });
  readonly #to = make("input", { type: "text", inputmode: "numeric", class: "number", "aria-label": "Last request" });
  readonly #choice = make("input", { type: "file", hidden: true, tabindex: -1, onchange: () => { this.#chosen(); } });
  #file: File | null = null;

  constructor(app: App) {
    this.#app = app;
    const open = make("button", { type: "button", onclick: () => { this.#choice.click(); } }, "Open a file…");
    const part = make("form", { class: "row", onsubmit: (event) => {
      event.preventDefault();
      if (this.#file) void this.open(this.#file);
      else this.#problem.show(new Error("Choose a file first."));
    } }, make("span", { class: "faint" }, "Only a part of a long trace: requests"), this.#from, "to", this.#to, make("button", { type: "submit" }, "Open this part"));
    this.element = make("div", { class: "tool files" }, make("div", { class: "row" }, open, this.#choice, make("span", { class: "hint" },
      `or drop it anywhere on the page: a trace, or a log that “pymalloc convert” reads, plain or packed by gzip, up to ${bytesText(MOST_BYTES)}. It stays in this browser.`)),
    part, this.#state, this.#problem.element);
    app.follow((change) => { if (change === "session") this.#showBounds(); });
  }

  /** Reads a file, makes a trace of it, and shows that. Errors are shown beside the button. */
  async open(file: File): Promise<boolean> {
    this.#file = file;
    const isOpen = await this.#problem.guard(() => this.#open(file));
    this.#state.textContent = "";
    return isOpen;
  }

  #chosen(): void {
    const file = this.#choice.files?.[0];
    this.#choice.value = ""; // the same file can be chosen again
    this.#from.value = this.#to.value = "";
    if (file) void this.open(file);
  }

  #showBounds(): void {
    const { session } = this.#app;
    if (!session) return;
    this.#from.placeholder = grouped(session.from);
    this.#to.placeholder = grouped(session.to);
  }

  #bounds(): OpenOptions {
    const bounds: OpenOptions = {};
    for (const [name, input] of [["from", this.#from], ["to", this.#to]] as const) {
      const text = input.value.replaceAll(",", "").trim();
      if (text === "") continue;
      if (!/^\d{1,15}$/.test(text)) throw new Error(`The ${name === "from" ? "first" : "last"} request must be a whole number, not “${text}”.`);
      bounds[name] = Number(text);
    }
    return bounds;
  }

  async #open(file: File): Promise<void> {
    const bounds = this.#bounds();
    const bytes = await bytesOf(file.name, file, (done) => { this.#state.textContent = `Reading ${file.name}: ${bytesText(done)}`; });
    this.#state.textContent = `Replaying ${file.name}, ${bytesText(bytes.length)}…`;
    const { engine, session } = this.#app;
    const path = pathOf(file.name);
    await engine.write(path, bytes);
    try {
      const geometry = session ? optionsOf(session.geometry) : {};
      await this.#app.attemptOpen(path, { ...bounds, name: file.name, geometry });
    } catch (error) {
      const sentence = sentenceOf(error);
      throw new Error(/memory/.test(sentence) ? `${sentence} A part of the trace may fit: state its first and last request above.` : sentence);
    } finally {
      await engine.write(path, NOTHING); // its requests are in the session
    }
  }
}

// Files that are dragged over the page show an overlay, and are opened where they are dropped.
function acceptDrops(open: (file: File) => void): void {
  const isFile = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") ?? false;
  const overlay = make("div", { class: "drop-overlay", "aria-hidden": "true", hidden: true }, "Drop the file to open it");
  document.body.append(overlay);
  window.addEventListener("dragover", (event) => {
    if (!isFile(event)) return;
    event.preventDefault();
    overlay.hidden = false;
  });
  window.addEventListener("dragleave", (event) => { if (event.relatedTarget === null) overlay.hidden = true; });
  window.addEventListener("drop", (event) => {
    overlay.hidden = true;
    const file = event.dataTransfer?.files[0];
    if (!isFile(event) || !file) return;
    event.preventDefault();
    open(file);
  });
}

/** The tool that opens files. `reveal` is called before a dropped file is read, so that its progress is seen. */
export function makeFiles(app: App, reveal: () => void): HTMLElement {
  const opener = new FileOpener(app);
  acceptDrops((file) => {
    reveal();
    void opener.open(file);
  });
  return opener.element;
}
