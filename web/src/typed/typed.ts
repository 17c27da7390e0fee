import { grouped } from "../parts/amounts.ts";
import { make, replace } from "../parts/dom.ts";
import type { Moment, Session } from "../facts.ts";
import type { App } from "../page/app.ts";
import { download, fileName } from "../tools/download.ts";
import { optionsOf } from "../tools/geometry.ts";
import { makeProblem } from "../tools/problem.ts";
import { History } from "./history.ts";

const HELP = "a ID SIZE asks for a block, c ID COUNT SIZE for a zeroed one, r ID SIZE resizes it, f ID frees it: a 1 24, r 1 100, f 1.";

/** A session that goes on from the moment of another one: its requests up to there, and those that are typed. */
async function goOn(app: App): Promise<void> {
  const { session, moment } = app;
  if (!session || !moment) return;
  const geometry = optionsOf(session.geometry);
  const cut = await app.ask<Session>("reopen", { geometry, to: moment.op });
  try {
    const text = new TextDecoder().decode(await app.inTurn(() => app.engine.bytes("text", cut.session)));
    await app.openText(text, { geometry, name: `${session.name}, from request ${grouped(moment.op)}` }, moment.op);
  } finally {
    await app.engine.call("close", cut.session);
  }
}

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
  readonly #start = make("p", { class: "row" });
  readonly #undo = make("button", { type: "button", onclick: () => { void this.#takeBack(); } }, "Undo");

  constructor(app: App) {
    this.#app = app;
    replace(this.#start, "This trace is recorded.",
      make("button", { type: "button", onclick: () => { void this.#begin(goOn); } }, "Go on from this moment"), "or",
      make("button", { type: "button", onclick: () => { void this.#begin(startEmpty); } }, "Start from an empty heap"));
    this.#input.addEventListener("keydown", (event) => { this.#onKey(event); });
    const form = make("form", { class: "row", onsubmit: (event) => {
      event.preventDefault();
      void this.#run();
    } }, this.#input, make("button", { type: "submit" }, "Run"), this.#undo,
    make("button", { type: "button", onclick: () => { void this.#begin(startEmpty); } }, "Empty heap"),
    make("button", { type: "button", onclick: () => { void this.#save(); } }, "Save as a trace"));
    this.element = make("div", { class: "tool typed" }, this.#start, form,
      make("p", { id: "typed-help", class: "hint" }, HELP, " The arrows bring back earlier lines."), this.#problem.element, this.#log);
    app.follow((change) => { if (change === "session") this.#show(); });
  }

  get #isTyped(): boolean {
    return this.#app.session?.is_typed ?? false;
  }

  #show(): void {
    this.#start.hidden = this.#isTyped;
    this.#undo.disabled = !this.#isTyped;
  }

  #begin(open: (app: App) => Promise<void>): Promise<boolean> {
    return this.#problem.guard(async () => {
      await open(this.#app);
      this.#log.replaceChildren();
      this.#input.focus();
    });
  }

  async #run(): Promise<void> {
    const line = this.#input.value.trim();
    if (line === "") return;
    if (!this.#isTyped) {
      this.#problem.show(new Error("Choose first: go on from this moment, or start from an empty heap."));
      return;
    }
    const isDone = await this.#problem.guard(async () => {
      const moment = await this.#app.attempt("append", line);
      this.#log.append(make("li", {}, resultText(moment)));
      this.#log.scrollTop = this.#log.scrollHeight;
    });
    this.#history.add(line);
    if (isDone) this.#input.value = "";
  }

  #takeBack(): Promise<boolean> {
    return this.#problem.guard(async () => {
      await this.#app.attempt("undo");
      this.#log.lastElementChild?.remove();
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
    const line = this.#history.go(event.key === "ArrowUp" ? -1 : 1, this.#input.value);
    if (line === null) return;
    event.preventDefault();
    this.#input.value = line;
  }
}

/** The tool that runs requests of the reader's own. */
export function makeTyped(app: App): HTMLElement {
  return new TypedRequests(app).element;
}
