import type { Block, PoolFacts, Session } from "../facts.ts";
import { bytesText, counted, grouped } from "../parts/amounts.ts";
import { penOf } from "../parts/canvas.ts";
import { make } from "../parts/dom.ts";
import type { App, Picture } from "./app.ts";
import { coloursNow } from "./colours.ts";
import { drawPool, LINKS_MOST, type PoolMarks } from "./pool_picture.ts";
import { blockAt, offsetAt, planPool, type PoolPlan } from "./pool_plan.ts";

/** A block in a sentence. */
export function blockSentence(pool: PoolFacts, block: Block): string {
  const place = `block ${pool.address}:${block.offset}`;
  if (block.state === "live") return `${place}: live, id ${block.id ?? "?"}, ${grouped(block.bytes ?? 0)} of ${pool.block_bytes} bytes, since request ${grouped(block.request ?? 0)}`;
  if (block.state === "virgin") return `${place}: never carved`;
  const next = pool.freelist[pool.freelist.indexOf(block.offset) + 1];
  return `${place}: free, ${next === undefined ? "the last of the chain" : `links to ${next}`}`;
}

// The part of the pool at an offset that is in no block.
function placeSentence(pool: PoolFacts, offset: number): string {
  if (pool.state === "virgin") return "never carved";
  return offset < pool.overhead ? `struct pool_header, ${bytesText(pool.overhead)}` : `${bytesText(pool.waste)} behind the last block`;
}

/** A pool to scale, on a canvas: its header, its blocks, the rest behind them, and the chain of the free blocks. */
export class PoolView {
  readonly element = make("canvas", { class: "pool", id: "pool-picture", tabindex: 0, role: "application", "aria-describedby": "map-keys" });
  readonly #app: App;
  #plan: PoolPlan | null = null;
  readonly #tell: (text: string) => void;

  constructor(app: App, tell: (text: string) => void) {
    this.#app = app;
    this.#tell = tell;
    this.element.addEventListener("click", (event) => { this.#pick(event, false); });
    this.element.addEventListener("dblclick", (event) => { this.#pick(event, true); });
    this.element.addEventListener("pointermove", (event) => { this.#point(event); });
    this.element.addEventListener("keydown", (event) => { this.#key(event); });
  }

  draw({ pool }: Picture, session: Session, width: number): void {
    this.#plan = pool && planPool(width, session.geometry.pool_bytes);
    this.element.setAttribute("aria-label", pool ? `Pool ${pool.address}, ${pool.state}, ${counted(pool.blocks.length, "block")} of ${pool.block_bytes} bytes`
      : "There is no such pool at this moment");
    const pen = penOf(this.element, width, this.#plan?.height ?? 1);
    if (pool && this.#plan) drawPool({ pen, plan: this.#plan, pool, session, colours: coloursNow(), marks: this.#marks(pool) });
  }

  #marks({ address, place }: PoolFacts): PoolMarks {
    const { changes, ghost, selection } = this.#app;
    const changed = changes.filter(({ of, record }) => of === "block" && record.startsWith(`${address}:`)).map(({ record }) => Number(record.split(":")[2]));
    const isGhost = ghost?.place?.arena === place.arena && ghost.place.pool === place.pool;
    return { changed, ghost: isGhost ? ghost.place?.block : undefined, selected: selection.block };
  }

  /** What the picture leaves out, and what the pool is, in a sentence. */
  static note(pool: PoolFacts | null): string {
    if (!pool) return "There is no such pool at this moment.";
    if (pool.state === "virgin") return "This pool was never carved: its memory has no header yet.";
    const left = pool.freelist.length - LINKS_MOST;
    if (pool.freelist.length === 0) return "nothing is on the free chain.";
    const free = `${grouped(pool.freelist.length)} on the free chain`;
    return left > 0 ? `${free}; the last ${grouped(left)} links are not drawn.` : `${free}.`;
  }

  #at(event: MouseEvent): number | null {
    const { shown, session } = this.#app;
    if (!this.#plan || !shown?.pool || !session) return null;
    return offsetAt(this.#plan, event.offsetX, event.offsetY, session.geometry.pool_bytes);
  }

  #point(event: MouseEvent): void {
    const pool = this.#app.shown?.pool;
    const offset = this.#at(event);
    const block = pool && offset !== null ? blockAt(pool, offset) : null;
    this.element.title = pool && offset !== null ? block ? blockSentence(pool, block) : placeSentence(pool, offset) : "";
    this.element.style.cursor = block ? "pointer" : "default";
  }

  #pick(event: MouseEvent, isZoom: boolean): void {
    const pool = this.#app.shown?.pool;
    const offset = this.#at(event);
    const block = pool && offset !== null ? blockAt(pool, offset) : null;
    if (block) this.#choose(block.offset, isZoom);
  }

  #choose(block: number, isZoom: boolean): void {
    const { arena, pool } = this.#app.selection;
    if (arena === undefined || pool === undefined) return;
    if (isZoom) this.#app.zoom({ arena, pool, block });
    else this.#app.select({ arena, pool, block });
  }

  // Left and right go from block to block, up and down by eight.
  #key(event: KeyboardEvent): void {
    const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -8, ArrowDown: 8 };
    const step = steps[event.key];
    const pool = this.#app.shown?.pool;
    if (step === undefined || !pool || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    const at = pool.blocks.findIndex(({ offset }) => offset === this.#app.selection.block);
    const block = pool.blocks[at < 0 ? 0 : Math.max(0, Math.min(pool.blocks.length - 1, at + step))];
    if (!block) return;
    this.#choose(block.offset, false);
    this.#tell(blockSentence(pool, block));
  }
}
