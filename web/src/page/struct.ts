import type { ArenaFacts, LastWrite, PoolFacts } from "../facts.ts";
import { bytesText, grouped } from "../parts/amounts.ts";
import { make, setText } from "../parts/dom.ts";
import { whenSeen } from "../parts/seen.ts";
import type { App } from "./app.ts";
import { fieldKey, StructView, type Actions, type Answer, type Shown } from "./struct_view.ts";

function poolShown(pool: PoolFacts): Shown {
  return { of: "pool", record: pool.address, place: pool.place, heading: `Pool ${pool.address}, ${pool.state}`, struct: pool.struct, header: pool.header };
}

function arenaShown(arena: ArenaFacts): Shown {
  return { of: "arena", record: `arena ${arena.slot}`, place: { arena: arena.slot }, heading: `Arena ${arena.slot}, ${arena.state}`,
    struct: arena.struct, header: arena.header };
}

const HEAP_FACTS = ["live", "held", "arenas", "most arenas", "pools in use", "live blocks", "of them raw", "arenas obtained", "released"] as const;

/** The structs of CPython with the values of the selected pool and its arena, and the totals of the heap. */
class StructRegion {
  readonly #app: App;
  readonly #places = { pool: make("div", { class: "struct-place" }), arena: make("div", { class: "struct-place" }) };
  readonly #views: { pool: StructView | null; arena: StructView | null } = { pool: null, arena: null };
  readonly #none = make("p", { class: "faint" });
  readonly #values = HEAP_FACTS.map(() => make("dd"));
  readonly #actions: Actions;
  readonly #draws: readonly (() => void)[];
  // The last write that was asked for.
  #answer: Answer | null = null;

  constructor(element: HTMLElement, app: App) {
    this.#app = app;
    this.#actions = { select: (place) => { app.select(place); }, ask: (one, name) => { void this.#ask(one, name); } };
    const heap = make("section", { class: "struct", "aria-label": "Heap" }, make("div", { class: "struct-head" }, make("h3", {}, "Heap, after the request")),
      make("dl", { class: "facts facts-grid" }, ...HEAP_FACTS.map((name, i) => make("div", {}, make("dt", {}, name), this.#values[i]))));
    const { pool, arena } = this.#places;
    const place = make("div", { class: "struct-place" }, heap);
    element.append(pool, arena, this.#none, place);
    this.#draws = [whenSeen(pool, () => { this.#show("pool", app.shown?.pool && poolShown(app.shown.pool)); }),
      whenSeen(arena, () => { this.#show("arena", app.shown?.arena && arenaShown(app.shown.arena)); }), whenSeen(place, () => { this.#showHeap(); })];
  }

  forget(): void { this.#answer = null; }

  draw(): void {
    const { shown, selection } = this.#app;
    if (!shown) return;
    this.#places.pool.hidden = shown.pool === null;
    this.#places.arena.hidden = shown.arena === null;
    this.#none.hidden = shown.pool !== null || shown.arena !== null;
    setText(this.#none, selection.arena === undefined ? "Select a pool or an arena on the map." : `There is no arena ${selection.arena} at this moment.`);
    for (const draw of this.#draws) draw();
  }

  #show(of: Shown["of"], one: Shown | null | undefined): void {
    const place = this.#places[of];
    if (!one) return;
    let view = this.#views[of];
    if (!view?.declares(one)) {
      view = this.#views[of] = new StructView(one, this.#actions);
      place.replaceChildren(view.element);
    }
    view.show(one, this.#app.changes, this.#answer);
  }

  async #ask({ record, place }: Shown, name: string): Promise<void> {
    const key = fieldKey(record, name);
    if (this.#answer?.key === key) this.#answer = null;
    else {
      const write = await this.#app.guard(this.#app.ask<LastWrite | null>("lastWrite", { ...place }, name));
      this.#answer = { key, sentence: write ? this.#sentence(write) : make("span", { class: "faint" }, "No request has written it.") };
    }
    this.draw();
  }

  #sentence({ op, event }: LastWrite): HTMLElement {
    return make("span", {}, "Last written by request ",
      make("button", { type: "button", class: "link", onclick: () => { void this.#app.goTo(op, this.#app.selection, event.n, this.#app.view); } },
        `${grouped(op)}, event ${event.n} ${event.kind}`));
  }

  #showHeap(): void {
    const { stats } = this.#app.moment ?? {};
    if (!stats) return;
    const texts = [bytesText(stats.live), bytesText(stats.held), ...[stats.arenas, stats.highwater, stats.pools, stats.blocks, stats.raw_blocks,
      stats.obtained, stats.released].map(grouped)];
    this.#values.forEach((value, i) => { setText(value, texts[i] ?? ""); });
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
