import type { Change, Session } from "../facts.ts";
import { grouped } from "../parts/amounts.ts";
import { make, setState, setText } from "../parts/dom.ts";
import { whenSeen } from "../parts/seen.ts";
import type { App, Picture } from "./app.ts";
import { poolsOf } from "./canvas_view.ts";
import { ChainView, type Chain, type Link } from "./chain.ts";
import { showList } from "./event_item.ts";
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

// A heading with a list under it, or with a sentence where there is no list.
class ListSection {
  readonly element: HTMLElement;
  readonly #view: ChainView;
  readonly #none: HTMLElement;

  constructor(title: string, none: string, select: (place: Selection) => void) {
    this.#view = new ChainView(select);
    this.#none = make("p", { class: "faint" }, none);
    this.element = make("section", { class: "list" }, make("h3", {}, title), this.#view.element, this.#none);
  }

  show(chain: Chain | null, most: number): void {
    this.#view.element.hidden = chain === null;
    this.#none.hidden = chain !== null;
    if (chain) this.#view.show(chain, most);
  }
}

/** The lists of the heap, as boxes and arrows. */
class ListsRegion {
  readonly #app: App;
  readonly #select = (place: Selection): void => { this.#app.select(place); };
  readonly #usable = new ListSection("Arenas with free pools", "", this.#select);
  readonly #unused = new ListSection("Slots without an arena", "", this.#select);
  readonly #freePools = new ListSection("Empty pools of the selected arena", "Select an arena on the map.", this.#select);
  readonly #freeBlocks = new ListSection("Free blocks of the selected pool", "Select a pool on the map.", this.#select);
  readonly #rings = make("div", { class: "rings" });
  readonly #ringViews: ChainView[] = [];
  readonly #noRing = make("p", { class: "faint" }, "Each ring is empty.");
  readonly #shortened = make("p", { class: "faint" });
  readonly #lengths: HTMLButtonElement;
  // Are the lists drawn to their ends?
  #isLong = false;

  constructor(element: HTMLElement, app: App) {
    this.#app = app;
    this.#lengths = make("button", { type: "button", class: "lengths", onclick: () => {
      this.#isLong = !this.#isLong;
      this.draw();
    } });
    element.append(this.#usable.element, this.#unused.element,
      make("section", { class: "list" }, make("h3", {}, "usedpools: pools with live and free blocks, by size class"), this.#noRing, this.#rings),
      this.#freePools.element, this.#freeBlocks.element, this.#shortened, this.#lengths);
  }

  draw(): void {
    const { shown, session, selection, changes } = this.#app;
    if (!shown || !session) return;
    const chains = new Chains(shown, session, selection, changes);
    this.#usable.show(chains.usable(), this.#most(LINKS_MOST));
    this.#unused.show(chains.unused(), this.#most(LINKS_MOST));
    this.#showRings(chains.rings());
    this.#freePools.show(chains.freePools(), this.#most(LINKS_MOST));
    this.#freeBlocks.show(chains.freeBlocks(), this.#most(LINKS_MOST));
    const { shortened } = shown.moment;
    this.#shortened.hidden = shortened === 0;
    setText(this.#shortened, `${grouped(shortened)} places of these lists are left out, because the heap is large.`);
    setState(this.#lengths, "aria-pressed", String(this.#isLong));
    setText(this.#lengths, this.#isLong ? "Shorten the lists" : "Draw the lists to their ends");
  }

  #most(most: number): number { return this.#isLong ? MORE : most; }

  #showRings(rings: readonly Chain[]): void {
    this.#noRing.hidden = rings.length > 0;
    showList(this.#rings, this.#ringViews, rings, () => new ChainView(this.#select), (view, ring) => { view.show(ring, this.#most(RING_MOST)); });
  }
}

/** Fills the region of the lists. */
export function mountLists(element: HTMLElement, app: App): void {
  const region = new ListsRegion(element, app);
  const draw = whenSeen(element, () => { region.draw(); });
  app.follow((change) => { if (change !== "theme" && change !== "ghost") draw(); });
}
