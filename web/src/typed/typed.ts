import { make } from "../parts/dom.ts";
import type { Moment } from "../facts.ts";
import type { App } from "../page/app.ts";
import { download, fileName } from "../tools/download.ts";
import { optionsOf } from "../tools/geometry.ts";
import { makeProblem } from "../tools/problem.ts";
import { History } from "../parts/history.ts";

const HELP = "a ID SIZE requests a block, c ID N ELSIZE a block of N zeroed elements, r ID SIZE resizes it, f ID frees it: a 1 24, r 1 100, f 1.";

async function startEmpty(app: App): Promise<void> {
  const geometry = app.session ? optionsOf(app.session.geometry) : {};
  await app.openText("", { geometry, name: "typed requests" });
}

// What a request has done: "a 1 24  →  0:4096:48".
function resultText(moment: Moment): string {
  const { request } = moment;
  return request ? `${request.text} → ${request.address ?? "nothing"}` : "";
}

/** The line on which requests are typed, with what they did. */
class TypedRequests {
  readonly element: HTMLElement;
  readonly #app: App;
  readonly #history = new History();
  readonly #problem = makeProblem();
  readonly #input = make("input", { type: "text", class: "typed-line mono", "aria-label": "A request", "aria-describedby": "typed-help",
    placeholder: "a 1 24", spellcheck: "false", autocapitalize: "off", autocomplete: "off" });
  readonly #log = make("ol", { class: "typed-log mono", role: "log", "aria-label": "Typed requests" });
  #lines: { op: number; element: HTMLElement }[] = [];
  #name: string | null = null;

  constructor(app: App) {
    this.#app = app;
    this.#input.addEventListener("keydown", (event) => { this.#onKey(event); });
    const form = make("form", { class: "row", onsubmit: (event) => {
      event.preventDefault();
      void this.#run();
    } }, this.#input, make("button", { type: "submit" }, "Run"),
    make("button", { type: "button", onclick: () => { void this.#takeBack(); } }, "Undo"),
    make("button", { type: "button", onclick: () => { void this.#begin(); } }, "Start from an empty heap"),
    make("button", { type: "button", onclick: () => { void this.#save(); } }, "Save as a trace"));
    this.element = make("div", { class: "tool typed" }, form,
      make("p", { id: "typed-help", class: "hint" }, HELP, " The request follows the present moment: the later requests of the trace come back when the last typed one is undone. The arrows bring back earlier lines."), this.#problem.element, this.#log);
    app.follow((change) => {
      const name = app.session?.name ?? null;
      if (change === "session" && name !== this.#name) this.#forget(0);
      this.#name = name;
    });
  }

  // Takes the lines out of the log whose requests are no longer there: those from a request on.
  #forget(op: number): void {
    for (const line of this.#lines) if (line.op >= op) line.element.remove();
    this.#lines = this.#lines.filter((line) => line.op < op);
  }

  #remember(moment: Moment): void {
    this.#forget(moment.op);
    const element = make("li", {}, resultText(moment));
    this.#lines.push({ op: moment.op, element });
    this.#log.append(element);
    this.#log.scrollTop = this.#log.scrollHeight;
  }

  #begin(): Promise<boolean> {
    return this.#problem.guard(async () => {
      await startEmpty(this.#app);
      this.#forget(0);
      this.#input.focus();
    });
  }

  async #run(): Promise<void> {
    const line = this.#input.value.trim();
    if (line === "") return;
    const isDone = await this.#problem.guard(async () => {
      this.#remember(await this.#app.attempt("append", line));
    });
    this.#history.add(line);
    if (isDone) this.#input.value = "";
  }

  #takeBack(): Promise<boolean> {
    return this.#problem.guard(async () => {
      const moment = await this.#app.attempt("undo");
      this.#forget(moment.op + 1);
    });
  }

  #save(): Promise<boolean> {
    return this.#problem.guard(async () => {
      const { session } = this.#app;
      if (!session) return;
      const bytes = await this.#app.inTurn(() => this.#app.engine.bytes("text", session.session));
      download(fileName(session.name, ".trace"), bytes, "text/plain");
    });
  }

  #onKey(event: KeyboardEvent): void {
    if ((event.ctrlKey || event.metaKey) && event.key === "z" && this.#input.value === "") {
      event.preventDefault();
      void this.#takeBack();
    }
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    const line = event.key === "ArrowUp" ? this.#history.older(this.#input.value) : this.#history.newer();
    if (line === undefined) return;
    event.preventDefault();
    this.#input.value = line;
  }
}

/** The tool that runs requests of the reader's own. */
export function makeTyped(app: App): HTMLElement {
  return new TypedRequests(app).element;
}
