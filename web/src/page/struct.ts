import type { ArenaFacts, Field, LastWrite, PoolFacts, RecordPlace, StructText } from "../facts.ts";
import { bytesText, grouped } from "../parts/amounts.ts";
import { make, replace, type Child } from "../parts/dom.ts";
import type { App } from "./app.ts";
import { readPlace } from "./link.ts";
import { valueText } from "./request.ts";

/** A struct with its record's values. */
interface Shown {
  of: "pool" | "arena";
  record: string;
  place: RecordPlace;
  heading: string;
  struct: StructText;
  header: readonly Field[];
}

/** The declaration and the comment of a line of C. */
export function splitLine(text: string): { code: string; comment: string } {
  const [, code = text, comment = ""] = /^(.*?)\s*\/\*\s*(.*?)\s*\*\/\s*$/.exec(text) ?? [];
  return { code, comment };
}

function shownOf(arena: ArenaFacts | null, pool: PoolFacts | null): Shown[] {
  const shown: Shown[] = [];
  if (pool) shown.push({ of: "pool", record: pool.address, place: pool.place, heading: `Pool ${pool.address}, ${pool.state}`, struct: pool.struct, header: pool.header });
  if (arena) shown.push({ of: "arena", record: `arena ${arena.slot}`, place: { arena: arena.slot }, heading: `Arena ${arena.slot}, ${arena.state}`, struct: arena.struct, header: arena.header });
  return shown;
}

/** The structs of CPython with the values of the selected pool and its arena. */
class StructRegion {
  readonly #app: App;
  readonly #element: HTMLElement;
  // The field whose last write is shown, and that write.
  #asked: { key: string; answer: Child } | null = null;

  constructor(element: HTMLElement, app: App) {
    this.#element = element;
    this.#app = app;
  }

  forget(): void { this.#asked = null; }

  draw(): void {
    const { shown, selection } = this.#app;
    if (!shown) return;
    const structs = shownOf(shown.arena, shown.pool);
    const focused = document.activeElement?.getAttribute("data-field");
    replace(this.#element, ...structs.map((one) => this.#struct(one)),
      structs.length === 0 ? make("p", { class: "faint" }, selection.arena === undefined ? "Select a pool or an arena on the map."
        : `There is no arena ${selection.arena} at this moment.`) : null, this.#heap());
    if (focused) this.#element.querySelector<HTMLElement>(`[data-field="${CSS.escape(focused)}"]`)?.focus();
  }

  #struct(one: Shown): HTMLElement {
    const lines = one.struct.lines.map(({ text, field: name }) => {
      const { code, comment } = splitLine(text);
      if (name === undefined) return make("div", { class: "c-line" }, make("code", {}, code));
      const field = one.header.find((known) => known.name === name);
      return this.#line(one, name, code, comment, field);
    });
    return make("section", { class: "struct", "aria-label": one.heading },
      make("div", { class: "struct-head" }, make("h3", {}, one.heading), make("span", { class: "faint" }, one.struct.title.replace(/^struct \w+,? ?/, ""))),
      make("div", { class: "c-struct" }, ...lines),
      one.header.length === 0 ? make("p", { class: "faint" }, "Its memory was never written: it has no header yet.") : null);
  }

  #line(one: Shown, name: string, code: string, comment: string, field: Field | undefined): HTMLElement {
    const change = this.#app.changes.find((known) => known.of === one.of && known.record === one.record && known.name === name);
    const key = `${one.record}.${name}`;
    const value = field ? this.#value(field) : null;
    const isAsked = this.#asked?.key === key;
    return make("div", { class: `c-line c-field${change ? " changed" : ""}${field?.stale ? " stale" : ""}` },
      make("button", { type: "button", class: "c-code mono", "data-field": key, title: "Show the last write of this field", disabled: !field,
        "aria-expanded": isAsked, onclick: () => { void this.#ask(key, one.place, name); } }, code),
      comment ? make("span", { class: "c-comment" }, comment) : null,
      make("span", { class: "c-value mono" },
        change ? make("span", { class: "old" }, `${valueText(change.before)} → `) : null, value,
        field?.stale ? make("span", { class: "tag", title: "The stored value has no meaning in this state" }, "stale") : null),
      isAsked ? make("div", { class: "c-answer", role: "status" }, this.#asked?.answer ?? "") : null);
  }

  #value({ name, value }: Field): Child {
    const place = typeof value === "string" ? readPlace(value) : name === "nextarena" || name === "prevarena" ? (typeof value === "number" ? { arena: value } : null) : null;
    if (!place) return make("strong", {}, name === "szidx" && value === 0xffff ? "65535" : valueText(value));
    return make("button", { type: "button", class: "link", onclick: () => { this.#app.select(place); } }, valueText(value));
  }

  async #ask(key: string, place: RecordPlace, name: string): Promise<void> {
    if (this.#asked?.key === key) {
      this.#asked = null;
      this.draw();
      return;
    }
    const write = await this.#app.guard(this.#app.ask<LastWrite | null>("lastWrite", { ...place }, name));
    this.#asked = { key, answer: write ? this.#answer(write) : make("span", { class: "faint" }, "No request has written it.") };
    this.draw();
  }

  #answer({ op, event }: LastWrite): HTMLElement {
    return make("span", {}, "Last written by request ",
      make("button", { type: "button", class: "link", onclick: () => { void this.#app.goTo(op, this.#app.selection, event.n, this.#app.view); } },
        `${grouped(op)}, event ${event.n} ${event.kind}`));
  }

  #heap(): HTMLElement {
    const { stats } = this.#app.moment ?? {};
    if (!stats) return make("div");
    const facts: [string, string][] = [["live", bytesText(stats.live)], ["held", bytesText(stats.held)], ["arenas", grouped(stats.arenas)],
      ["most arenas", grouped(stats.highwater)], ["pools in use", grouped(stats.pools)], ["live blocks", grouped(stats.blocks)],
      ["of them raw", grouped(stats.raw_blocks)], ["arenas obtained", grouped(stats.obtained)], ["released", grouped(stats.released)]];
    return make("section", { class: "struct", "aria-label": "Heap" }, make("div", { class: "struct-head" }, make("h3", {}, "Heap, after the request")),
      make("dl", { class: "facts facts-grid" }, ...facts.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value)))));
  }
}

/** Fills the region of the fields. */
export function mountStruct(element: HTMLElement, app: App): void {
  const region = new StructRegion(element, app);
  app.follow((change) => {
    if (change === "theme" || change === "ghost") return;
    if (change !== "step") region.forget();
    region.draw();
  });
}
