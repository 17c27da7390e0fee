import type { MapArena, Session } from "../facts.ts";
import { make } from "../parts/dom.ts";
import type { App, Picture } from "./app.ts";
import type { Marks, Paint } from "./heap_map.ts";
import type { Selection } from "./link.ts";
import { mapNote, MARGIN, paintMap } from "./map_picture.ts";
import { hitTest, type Plan } from "./plan.ts";

const HEIGHT = 470;
const NARROW_HEIGHT = 380;
const ARENA_CELL = 76;

/** The pools that changes of fields are about, as "0:4096". */
export function poolsOf(changes: readonly { of: string; record: string }[]): Set<string> {
  return new Set(changes.filter(({ of }) => of === "pool" || of === "block").map(({ record }) => record.split(":").slice(0, 2).join(":")));
}

function marksOf(app: App): Marks {
  const ghosts = new Set(app.ghost?.events.flatMap((event) => event.place ? [`${event.place.arena}:${event.place.pool}`] : []));
  return { changed: poolsOf(app.changes), selected: app.selection, ghosts, ghostArena: app.ghost?.released ?? null };
}

/** The pools of all arenas, or of one, on a canvas. */
export class CanvasView {
  readonly element: HTMLCanvasElement;
  readonly #app: App;
  readonly #isArena: boolean;
  readonly #tell: (text: string) => void;
  #plan: Plan | null = null;
  #arenas: readonly MapArena[] = [];
  paint: Paint = "class";

  constructor(app: App, isArena: boolean, tell: (text: string) => void) {
    this.#app = app;
    this.#tell = tell;
    this.#isArena = isArena;
    this.element = make("canvas", { id: isArena ? "arena-map" : "heap-map", tabindex: 0, role: "application", "aria-describedby": "map-keys", class: "pools" });
    this.element.addEventListener("click", (event) => { this.#pick(event, false); });
    this.element.addEventListener("dblclick", (event) => { this.#pick(event, true); });
    this.element.addEventListener("pointermove", (event) => { this.#point(event); });
    this.element.addEventListener("keydown", (event) => { this.#key(event); });
  }

  /** What the canvas leaves out, in a sentence. */
  get note(): string { return mapNote(this.#plan, this.#arenas.length); }

  draw(picture: Picture, session: Session, width: number): void {
    this.#arenas = this.#isArena ? picture.map.filter(({ slot }) => slot === this.#app.selection.arena) : picture.map;
    this.#plan = paintMap(this.element, this.#arenas, session, { width, height: width < 600 ? NARROW_HEIGHT : HEIGHT, paint: this.paint,
      marks: marksOf(this.#app), ...this.#isArena && { cell: ARENA_CELL } });
    this.#describe(picture);
  }

  #describe(picture: Picture): void {
    const { stats } = picture.moment;
    this.element.setAttribute("aria-label", this.#isArena ? `Map of the pools of arena ${this.#app.selection.arena ?? 0}`
      : `Map of ${stats.arenas} arenas and their pools, ${stats.pools} pools in use`);
  }

  #at(event: MouseEvent): Selection | null {
    const plan = this.#plan;
    if (!plan) return null;
    const hit = hitTest(plan, event.offsetX - MARGIN, event.offsetY - MARGIN, this.#arenas.length, (i) => this.#arenas[i]?.count ?? 0);
    const arena = hit && this.#arenas[hit.arena];
    if (!arena) return null;
    const bytes = this.#app.session?.geometry.pool_bytes ?? 0;
    return hit.pool === null ? { arena: arena.slot } : { arena: arena.slot, pool: hit.pool * bytes };
  }

  #pick(event: MouseEvent, isZoom: boolean): void {
    const place = this.#at(event);
    if (place && isZoom) this.#app.zoom(place);
    else if (place) this.#app.select(place);
  }

  #point(event: MouseEvent): void {
    const place = this.#at(event);
    this.element.style.cursor = place ? "pointer" : "default";
    this.element.title = place ? poolSentence(this.#app, place) : "";
  }

  // Arrows go from pool to pool, Page Up and Down from arena to arena.
  #key(event: KeyboardEvent): void {
    const columns = this.#plan?.poolColumns ?? 1;
    const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns };
    const arenas: Record<string, number> = { PageUp: -1, PageDown: 1 };
    const step = steps[event.key];
    const jump = arenas[event.key];
    if (event.altKey || event.ctrlKey || event.metaKey || (step === undefined && jump === undefined)) return;
    event.preventDefault();
    event.stopPropagation();
    this.#walk(step ?? 0, jump ?? 0);
  }

  #walk(step: number, jump: number): void {
    const map = this.#app.shown?.map ?? [];
    const bytes = this.#app.session?.geometry.pool_bytes ?? 1;
    const { arena: slot, pool: offset } = this.#app.selection;
    const index = Math.max(0, map.findIndex((arena) => arena.slot === slot));
    let arena = Math.max(0, Math.min(map.length - 1, index + jump));
    let pool = offset === undefined ? 0 : offset / bytes + step;
    if (pool < 0 && arena > 0) pool += map[--arena]?.count ?? 0;
    else if (pool >= (map[arena]?.count ?? 0) && arena < map.length - 1) pool -= map[arena++]?.count ?? 0;
    const found = map[arena];
    if (!found) return;
    const place = { arena: found.slot, pool: Math.max(0, Math.min(found.count - 1, pool)) * bytes };
    this.#app.select(place);
    this.#tell(poolSentence(this.#app, place));
  }
}

/** A pool or an arena in a sentence, as the map shows it. */
export function poolSentence(app: App, { arena: slot, pool: offset }: Selection): string {
  const { session, shown } = app;
  const arena = shown?.map.find((one) => one.slot === slot);
  if (!session || !arena) return "";
  if (offset === undefined) {
    const used = arena.refCount.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0);
    return `arena ${arena.slot}: ${used} of ${arena.count} pools in use`;
  }
  const pool = offset / session.geometry.pool_bytes;
  const size = session.classes[arena.szidx[pool] ?? 0];
  const name = `pool ${arena.slot}:${offset}`;
  const state = ["virgin", "empty", "used", "full"][arena.state[pool] ?? 0] ?? "";
  return size && state !== "virgin" ? `${name}: ${state}, ${arena.refCount[pool] ?? 0} of ${size.blocks} blocks of ${size.bytes} bytes live`
    : `${name}: ${state}`;
}
