import type { Change, Session } from "../facts.ts";
import { grouped } from "../parts/amounts.ts";
import { make, replace } from "../parts/dom.ts";
import { whenSeen } from "../parts/seen.ts";
import type { App, Picture } from "./app.ts";
import { poolsOf } from "./canvas_view.ts";
import { drawChain, type Chain, type Link } from "./chain.ts";
import type { Selection } from "./link.ts";

const LINKS_MOST = 24;
const RING_MOST = 6;
const MORE = 2000;

/** The chains of a moment, made of its facts. */
export class Chains {
  readonly #picture: Picture;
  readonly #session: Session;
  readonly #selection: Selection;
  readonly #changes: readonly Change[];
  readonly #changedPools: ReadonlySet<string>;

  constructor(picture: Picture, session: Session, selection: Selection, changes: readonly Change[]) {
    this.#picture = picture;
    this.#session = session;
    this.#selection = selection;
    this.#changes = changes;
    this.#changedPools = poolsOf(changes);
  }

  #hasChanged(of: Change["of"], record: string, name?: string): boolean {
    return this.#changes.some((change) => change.of === of && change.record === record && (name === undefined || change.name === name));
  }

  #arena(slot: number, detail: string): Link {
    return { name: `arena ${slot}`, detail, place: { arena: slot }, isChanged: this.#hasChanged("arena", `arena ${slot}`),
      isSelected: this.#selection.arena === slot };
  }

  #pool(arena: number, pool: number, isDetailed: boolean): Link {
    const map = this.#picture.map.find(({ slot }) => slot === arena);
    const i = pool / this.#session.geometry.pool_bytes;
    const blocks = this.#session.classes[map?.szidx[i] ?? 0]?.blocks ?? 0;
    return { name: `${arena}:${pool}`, ...isDetailed && { detail: `${map?.refCount[i] ?? 0}/${blocks}` }, place: { arena, pool },
      isChanged: this.#changedPools.has(`${arena}:${pool}`), isSelected: this.#selection.arena === arena && this.#selection.pool === pool };
  }

  usable(): Chain {
    const { moment } = this.#picture;
    return { head: "usable_arenas", isHeadChanged: this.#hasChanged("heap", "", "usable_arenas"), isDouble: true, isRing: false,
      links: moment.usable_arenas.map((slot) => this.#arena(slot, `${moment.arenas.find((one) => one.slot === slot)?.nfreepools ?? 0} free`)) };
  }

  unused(): Chain {
    return { head: "unused_arena_objects", isHeadChanged: this.#hasChanged("heap", "", "unused_arena_objects"), isDouble: false, isRing: false,
      links: this.#picture.moment.unused_arena_objects.map((slot) => ({ name: `slot ${slot}`, place: null,
        isChanged: this.#hasChanged("arena", `arena ${slot}`), isSelected: false })) };
  }

  rings(): Chain[] {
    return this.#picture.moment.usedpools.map(({ szidx, pools }) => ({ head: `class ${szidx}`, detail: `${this.#session.classes[szidx]?.bytes ?? 0} B`,
      isHeadChanged: this.#hasChanged("class", `class ${szidx}`), isDouble: true, isRing: true,
      links: pools.map(({ arena, pool }) => this.#pool(arena, pool, true)) }));
  }

  freePools(): Chain | null {
    const slot = this.#selection.arena;
    const arena = this.#picture.moment.arenas.find((one) => one.slot === slot);
    if (!arena) return null;
    return { head: "freepools", detail: `arena ${arena.slot}`, isHeadChanged: this.#hasChanged("arena", `arena ${arena.slot}`, "freepools"), isDouble: false,
      isRing: false, links: arena.freepools.map((pool) => this.#pool(arena.slot, pool, false)) };
  }

  freeBlocks(): Chain | null {
    const { pool } = this.#picture;
    if (!pool || pool.state === "virgin") return null;
    return { head: "freeblock", detail: `pool ${pool.address}`, isHeadChanged: this.#hasChanged("pool", pool.address, "freeblock"), isDouble: false, isRing: false,
      links: pool.freelist.map((block) => ({ name: String(block), place: { ...pool.place, block },
        isChanged: this.#hasChanged("block", `${pool.address}:${block}`), isSelected: this.#selection.block === block })) };
  }
}

/** The lists of the heap, as boxes and arrows. */
class ListsRegion {
  readonly #app: App;
  readonly #element: HTMLElement;
  // Are the lists drawn to their ends?
  #isLong = false;

  constructor(element: HTMLElement, app: App) {
    this.#element = element;
    this.#app = app;
  }

  draw(): void {
    const { shown, session, selection, changes } = this.#app;
    if (!shown || !session) return;
    const chains = new Chains(shown, session, selection, changes);
    const rings = chains.rings();
    const { shortened } = shown.moment;
    const one = (title: string, chain: Chain | null, none: string): HTMLElement => make("section", { class: "list" }, make("h3", {}, title),
      chain ? this.#chain(chain, LINKS_MOST) : make("p", { class: "faint" }, none));
    replace(this.#element, one("Arenas with free pools", chains.usable(), ""), one("Slots without an arena", chains.unused(), ""),
      make("section", { class: "list" }, make("h3", {}, "usedpools: pools with live and free blocks, by size class"),
        rings.length === 0 ? make("p", { class: "faint" }, "Each ring is empty.") : make("div", { class: "rings" }, ...rings.map((ring) => this.#chain(ring, RING_MOST)))),
      one("Empty pools of the selected arena", chains.freePools(), "Select an arena on the map."),
      one("Free blocks of the selected pool", chains.freeBlocks(), "Select a pool on the map."),
      shortened > 0 ? make("p", { class: "faint" }, `${grouped(shortened)} places of these lists are left out, because the heap is large.`) : null,
      this.#lengths());
  }

  #chain(chain: Chain, most: number): HTMLElement {
    return drawChain(chain, this.#isLong ? MORE : most, (place) => { this.#app.select(place); });
  }

  #lengths(): HTMLElement {
    return make("button", { type: "button", "aria-pressed": this.#isLong, class: "lengths", onclick: () => {
      this.#isLong = !this.#isLong;
      this.draw();
      this.#element.querySelector<HTMLElement>(".lengths")?.focus();
    } }, this.#isLong ? "Shorten the lists" : "Draw the lists to their ends");
  }
}

/** Fills the region of the lists. */
export function mountLists(element: HTMLElement, app: App): void {
  const region = new ListsRegion(element, app);
  const draw = whenSeen(element, () => { region.draw(); });
  app.follow((change) => { if (change !== "theme" && change !== "ghost") draw(); });
}
