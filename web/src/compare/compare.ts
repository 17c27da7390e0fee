import { bytesText } from "../parts/amounts.ts";
import { make, replace } from "../parts/dom.ts";
import type { App } from "../page/app.ts";
import { mapNote, paintMap } from "../page/map_picture.ts";
import { makeCanvas } from "../parts/canvas.ts";
import { rowsOf, verdictOf } from "./rows.ts";
import { secondHeapOf, type Heap, type SecondHeap } from "./second.ts";

const HEIGHT = 260;

function drawMap(canvas: HTMLCanvasElement, note: HTMLElement, heap: Heap): void {
  const width = canvas.parentElement?.clientWidth ?? 0;
  if (width === 0) return;
  note.textContent = mapNote(paintMap(canvas, heap.map, heap.session, { width, height: HEIGHT }), heap.map.length);
}

/** Two heaps of one moment side by side: their maps, their figures, and the differences. */
class Comparison {
  readonly element = make("div", { class: "comparison", hidden: true });
  readonly #app: App;
  readonly #second: SecondHeap;
  readonly #verdict = make("p", {});
  readonly #body = make("tbody");
  readonly #names = [make("h3"), make("h3")] as const;
  readonly #heads = [make("th", { scope: "col" }), make("th", { scope: "col" })] as const;
  readonly #maps = [makeCanvas("map"), makeCanvas("map")] as const;
  readonly #notes = [make("p", { class: "faint" }), make("p", { class: "faint" })] as const;

  constructor(app: App) {
    this.#app = app;
    this.#second = secondHeapOf(app);
    const sides = this.#maps.map((map, i) => make("figure", {}, this.#names[i], make("div", { class: "map-room" }, map), this.#notes[i]));
    const table = make("table", { class: "numbers" }, make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "at this moment"),
      ...this.#heads, make("th", { scope: "col" }, "difference"))), this.#body);
    replace(this.element, make("div", { class: "row" }, this.#verdict,
      make("button", { type: "button", class: "push", onclick: () => { void this.#second.close(); } }, "End the comparison")),
    make("div", { class: "sides" }, ...sides), make("div", { class: "scroll" }, table));
    this.#second.follow(() => { this.#show(); });
    app.follow((change) => { if (change === "theme") this.#show(); });
    new ResizeObserver(() => { this.#drawMaps(); }).observe(this.element);
  }

  get #heaps(): readonly [Heap, Heap] | null {
    const { session, picture } = this.#app;
    const { heap } = this.#second;
    return session && picture && heap ? [{ session, moment: picture.moment, map: picture.map }, heap] : null;
  }

  #show(): void {
    const heaps = this.#heaps;
    this.element.hidden = heaps === null;
    if (!heaps) return;
    const [one, other] = heaps.map(({ session, moment }) => ({ name: session.geometry.name, stats: moment.stats }));
    if (!one || !other) return;
    heaps.forEach(({ session }, i) => {
      const name = this.#names[i];
      const head = this.#heads[i];
      const { geometry } = session;
      if (name) name.textContent = `${geometry.name} · pools of ${bytesText(geometry.pool_bytes)}, arenas of ${bytesText(geometry.arena_bytes)}`;
      if (head) head.textContent = geometry.name;
    });
    this.#verdict.textContent = verdictOf(heaps[1].moment, one, other);
    replace(this.#body, ...rowsOf(one.stats, other.stats).map((row) => make("tr", {}, make("th", { scope: "row" }, row.name),
      make("td", {}, row.one), make("td", {}, row.other), make("td", {}, row.difference))));
    this.#drawMaps();
  }

  #drawMaps(): void {
    const heaps = this.#heaps;
    if (!heaps || this.element.hidden) return;
    heaps.forEach((heap, i) => {
      const [map, note] = [this.#maps[i], this.#notes[i]];
      if (map && note) drawMap(map, note, heap);
    });
  }
}

/** Makes the comparison, which is hidden until there is a second heap. */
export function makeComparison(app: App): HTMLElement {
  return new Comparison(app).element;
}
