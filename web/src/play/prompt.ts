import { make, replace, type Child } from "../parts/dom.ts";
import type { Result } from "./facts.ts";
import { History } from "../parts/history.ts";
import { limitChoice } from "./limit.ts";
import { Log, resultOf } from "./log.ts";
import { Ended, type Runner } from "./runner.ts";
import type { Store } from "./store.ts";

const MOST_ROWS = 12;

/** What was run without an error, so that it can be run again after its worker was ended. */
type Run = readonly [name: "run", source: string] | readonly [name: "run_file", name: string, source: string];

/** The prompt: a log, and a field for a statement. `ran` is called after each statement. */
export class Prompt {
  readonly element: HTMLElement;
  readonly #runner: Runner;
  readonly #store: Store;
  readonly #ran: () => void;
  readonly #log = new Log("prompt-log", "Statements and their output");
  readonly #field: HTMLTextAreaElement;
  readonly #choices = make("p", { class: "choices", id: "prompt-choices", role: "status" });
  readonly #history: History;
  #runs: Run[] = [];
  #isRunning = false;

  constructor(runner: Runner, store: Store, welcome: Child, ran: () => void) {
    this.#runner = runner;
    this.#store = store;
    this.#ran = ran;
    this.#history = new History(store.kept.history);
    this.#field = make("textarea", { id: "prompt-input", rows: 1, "aria-label": "Lua statement", spellcheck: "false",
      autocapitalize: "off", autocomplete: "off", placeholder: "Lua: a statement or an expression",
      "aria-describedby": "prompt-keys" });
    this.#field.addEventListener("keydown", (event) => { this.#key(event); });
    this.#field.addEventListener("input", () => { this.#fit(); });
    this.element = make("div", { class: "prompt" }, welcome, this.#log.element,
      make("div", { class: "input" }, make("span", { "aria-hidden": "true" }, ">"), this.#field,
        make("button", { type: "button", id: "prompt-run", onclick: () => void this.#submit() }, "Run")),
      this.#choices,
      make("p", { class: "faint keys", id: "prompt-keys" }, "Enter runs; Shift-Enter begins a new line; ↑ and ↓ bring back "
        + "statements; Tab completes a name. help \"heap:malloc\" explains a function."),
      make("div", { class: "row prompt-settings" }, limitChoice(store),
        make("button", { type: "button", id: "prompt-restart", onclick: () => void this.restart() }, "Forget all variables")));
  }

  focus(): void {
    this.#field.focus();
  }

  /** Runs a statement as if it had been typed. */
  async run(source: string): Promise<void> {
    this.#field.value = source;
    await this.#submit();
  }

  /** Runs a file in the session of the prompt; undefined if its worker was ended. */
  async runFile(name: string, source: string): Promise<Result | undefined> {
    return this.#running(["run_file", name, source], async () => {
      this.#log.add(make("p", { class: "hint" }, `${name} was run.`));
      return Promise.resolve();
    });
  }

  /** Forgets all variables. */
  async restart(): Promise<void> {
    if (this.#isRunning) return;
    this.#runs = [];
    this.#log.clear();
    await this.#runner.call("restart");
    this.#log.add(make("p", { class: "hint" }, "All variables and heaps were forgotten."));
    this.#ran();
  }

  #fit(): void {
    this.#field.rows = Math.min(MOST_ROWS, this.#field.value.split("\n").length);
  }

  #set(text: string): void {
    this.#field.value = text;
    this.#fit();
    this.#field.setSelectionRange(text.length, text.length);
  }

  async #submit(): Promise<void> {
    const source = this.#field.value.replace(/\s+$/, "");
    replace(this.#choices);
    if (source === "" || this.#isRunning) return;
    await this.#running(["run", source], (result) => this.#show(source, result));
  }

  // Calls and shows the result; a call whose worker was ended is shown with what is lost.
  async #running(run: Run, show: (result: Result) => Promise<void>): Promise<Result | undefined> {
    this.#isRunning = true;
    this.#field.readOnly = true;
    try {
      const [name, ...args] = run;
      const seconds = this.#store.kept.seconds;
      await this.#runner.call("limit", seconds);
      const result = await this.#runner.limited<Result>(seconds, name, ...args);
      if (result.status === "done") this.#runs.push(run);
      await show(result);
      return result;
    } catch (error) {
      this.#failed(run, error);
      return undefined;
    } finally {
      this.#isRunning = false;
      this.#field.readOnly = false;
      this.#ran();
    }
  }

  async #show(source: string, result: Result): Promise<void> {
    if (result.status === "more") {
      this.#set(`${source}\n`);
      return Promise.resolve();
    }
    if (this.#history.add(source)) this.#store.change((kept) => { kept.history.push(source); });
    this.#set("");
    this.#log.add(make("pre", { class: "statement" }, source), ...resultOf(result));
    return Promise.resolve();
  }

  #failed(run: Run, error: unknown): void {
    const source = run[run.length - 1] ?? "";
    const shown = make("pre", { class: "statement" }, run[0] === "run" ? source : run[1]);
    if (!(error instanceof Ended)) {
      this.#log.add(shown, make("pre", { class: "error" }, error instanceof Error ? error.message : String(error)));
      return;
    }
    const runs = this.#runs;
    this.#runs = [];
    const again = runs.length === 0 ? null : make("button", { type: "button", class: "again",
      onclick: () => void this.#again(runs) }, `Run the ${runs.length === 1 ? "statement" : `${runs.length} statements`} before it again`);
    this.#log.add(shown, make("p", { class: "error" }, `${error.message} Its worker was ended: all variables and heaps of the `
      + "prompt are lost, and what the statement printed."), again);
  }

  // Runs what was run before; errors that they had are shown again.
  async #again(runs: readonly Run[]): Promise<void> {
    for (const run of runs) {
      const isDone = await this.#running(run, (result) => {
        this.#log.add(make("pre", { class: "statement" }, run[0] === "run" ? run[1] : run[1]), ...resultOf(result));
        return Promise.resolve();
      });
      if (!isDone) return;
    }
    this.focus();
  }

  #key(event: KeyboardEvent): void {
    const before = this.#field.value.slice(0, this.#field.selectionStart), after = this.#field.value.slice(this.#field.selectionEnd);
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) void this.#submit();
    else if (event.key === "ArrowUp" && !before.includes("\n")) this.#bring(this.#history.older(this.#field.value));
    else if (event.key === "ArrowDown" && !after.includes("\n")) this.#bring(this.#history.newer());
    else if (event.key === "Tab" && !event.shiftKey && /[\w.:]$/.test(before)) void this.#complete(before, after);
    else return;
    event.preventDefault();
  }

  #bring(text: string | undefined): void {
    if (text !== undefined) this.#set(text);
  }

  // Completes the name before the caret as far as it is certain, and lists the names that can follow.
  async #complete(before: string, after: string): Promise<void> {
    if (this.#isRunning) return;
    const { start, names } = await this.#runner.call<{ start: string; names: string[] }>("continuations", before);
    const common = names.reduce((shared, name) => {
      let length = 0;
      while (length < shared.length && shared[length] === name[length]) length += 1;
      return shared.slice(0, length);
    }, names[0] ?? start);
    this.#field.value = before + common.slice(start.length) + after;
    const caret = before.length + common.length - start.length;
    this.#field.setSelectionRange(caret, caret);
    replace(this.#choices, names.length === 1 ? "" : names.length === 0 ? "No name continues this." : names.join("  "));
  }
}
