import type { Block, PoolFacts, Session } from "../facts.ts";
import { bytesText, counted, grouped } from "../parts/amounts.ts";
import { make, makeSvg, replace } from "../parts/dom.ts";
import type { App, Picture } from "./app.ts";
import { coloursOf } from "./colours.ts";
import { linkPoint, partsOf, planPool, rectsOf, type PoolPart, type PoolPlan } from "./pool_plan.ts";

const LINKS_MOST = 200;
const MANY_LINKS = 12;
const TEXT_LEAST = 26;

/** A block in a sentence. */
export function blockSentence(pool: PoolFacts, block: Block): string {
  const place = `block ${pool.address}:${block.offset}`;
  if (block.state === "live") return `${place}: live, id ${block.id ?? "?"}, ${grouped(block.bytes ?? 0)} of ${pool.block_bytes} bytes, since request ${grouped(block.request ?? 0)}`;
  if (block.state === "virgin") return `${place}: never carved`;
  const next = pool.freelist[pool.freelist.indexOf(block.offset) + 1];
  return `${place}: free, ${next === undefined ? "the last of the chain" : `links to ${next}`}`;
}

function hatch(id: string, className: string): SVGElement {
  return makeSvg("pattern", { id, width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
    makeSvg("line", { x1: 0, y1: 0, x2: 0, y2: 6, class: className }));
}

function defs(): SVGElement {
  return makeSvg("defs", {}, hatch("hatch-waste", "hatch"), hatch("hatch-rounding", "hatch"),
    makeSvg("marker", { id: "arrow", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 6, markerHeight: 6, orient: "auto-start-reverse" },
      makeSvg("path", { d: "M0 0.5 L8 4 L0 7.5 Z", class: "arrow-head" })));
}

// A link of the free chain, as a curve that leaves the row.
function arrow(plan: PoolPlan, from: { x: number; y: number }, to: { x: number; y: number }, isFirst: boolean): SVGElement {
  const bend = from.y === to.y ? plan.rowHeight * 0.9 : 0;
  const middle = (from.x + to.x) / 2;
  const path = `M${from.x} ${from.y} C${middle} ${from.y - bend}, ${middle} ${to.y - bend}, ${to.x} ${to.y}`;
  return makeSvg("path", { d: path, class: isFirst ? "chain chain-first" : "chain", "marker-end": "url(#arrow)" });
}

function chain(pool: PoolFacts, plan: PoolPlan): SVGElement {
  const points = pool.freelist.slice(0, LINKS_MOST).map((offset) => linkPoint(plan, offset, pool.block_bytes));
  const [top] = rectsOf(plan, 0, pool.overhead);
  const header = { x: (top?.x ?? 0) + (top?.width ?? 0) - 6, y: 2 + plan.rowHeight - 5 };
  const links = points.map((point, i) => arrow(plan, points[i - 1] ?? header, point, i === 0));
  return makeSvg("g", { class: points.length > MANY_LINKS ? "chains many" : "chains" }, ...links);
}

function textOf(part: PoolPart, pool: PoolFacts, width: number): string {
  if (part.kind === "header") return width > 84 ? "pool_header" : width > 48 ? "header" : "";
  if (part.kind === "waste") return width > 60 ? `${part.to - part.from} B rest` : "";
  if (part.kind === "free") return width > 60 ? String(part.from) : "";
  if (part.kind !== "live" || width < TEXT_LEAST) return "";
  const block = pool.blocks.find(({ offset }) => offset === part.block);
  const id = `#${block?.id ?? ""}`;
  const long = `${id} · ${block?.bytes ?? 0} B`;
  return width > long.length * 7 ? long : width > id.length * 7 ? id : "";
}

/** A pool to scale: its header, its blocks, the rest behind them, and the chain of the free blocks. */
export class PoolView {
  readonly element: HTMLElement;
  readonly #app: App;
  readonly #svg = makeSvg("svg", { class: "pool", tabindex: 0, role: "application", "aria-describedby": "map-keys" });
  // Above the links.
  readonly #texts = makeSvg("g");
  readonly #tell: (text: string) => void;

  constructor(app: App, tell: (text: string) => void) {
    this.#app = app;
    this.#tell = tell;
    this.element = make("div", { class: "pool-view", id: "pool-picture" }, this.#svg);
    this.#svg.addEventListener("click", (event) => { this.#pick(event, false); });
    this.#svg.addEventListener("dblclick", (event) => { this.#pick(event, true); });
    this.#svg.addEventListener("keydown", (event) => { this.#key(event); });
  }

  draw({ pool }: Picture, session: Session, width: number): void {
    replace(this.#svg);
    if (!pool) {
      this.#svg.setAttribute("aria-label", "There is no such pool at this moment");
      return;
    }
    const plan = planPool(width, session.geometry.pool_bytes);
    this.#svg.setAttribute("viewBox", `0 0 ${width} ${plan.height}`);
    this.#svg.setAttribute("width", String(width));
    this.#svg.setAttribute("height", String(plan.height));
    this.#svg.setAttribute("aria-label", `Pool ${pool.address}, ${pool.state}, ${counted(pool.blocks.length, "block")} of ${pool.block_bytes} bytes`);
    const colours = coloursOf(this.element);
    const live = colours.ofClass(Math.max(0, pool.szidx), session.classes.length);
    this.element.style.setProperty("--live", live);
    this.element.style.setProperty("--on-live", colours.on(live));
    replace(this.#texts);
    this.#svg.append(defs(), this.#offsets(plan), ...this.#parts(pool, plan, session), chain(pool, plan), this.#texts);
  }

  /** What the picture leaves out, and what the pool is, in a sentence. */
  static note(pool: PoolFacts | null): string {
    if (!pool) return "There is no such pool at this moment.";
    if (pool.state === "virgin") return "This pool was never carved: its memory has no header yet.";
    const left = pool.freelist.length - LINKS_MOST;
    const free = `${grouped(pool.freelist.length)} on the free chain`;
    return left > 0 ? `${free}; the last ${grouped(left)} links are not drawn.` : `${free}.`;
  }

  #offsets(plan: PoolPlan): SVGElement {
    return makeSvg("g", { class: "offsets" }, ...Array.from({ length: plan.rows }, (_, row) =>
      makeSvg("text", { x: plan.left - 8, y: row * plan.rowStep + 2 + plan.rowHeight / 2 }, row * plan.rowBytes)));
  }

  #parts(pool: PoolFacts, plan: PoolPlan, session: Session): SVGElement[] {
    const changed = new Set(this.#app.changes.filter(({ of }) => of === "block").map(({ record }) => record));
    return partsOf(pool, session.geometry.pool_bytes).map((part) => {
      const isSelected = part.block !== undefined && part.block === this.#app.selection.block;
      const isChanged = part.block !== undefined && changed.has(`${pool.address}:${part.block}`);
      const rects = rectsOf(plan, part.from, part.to);
      const text = textOf(part, pool, rects[0]?.width ?? 0);
      const group = makeSvg("g", { class: `part part-${part.kind}${isSelected ? " selected" : ""}${isChanged ? " changed" : ""}${this.#isGhost(pool, part.block) ? " ghost" : ""}`,
        "data-block": part.block }, makeSvg("title", {}, this.#title(part, pool)),
      ...rects.map((rect) => makeSvg("rect", { x: rect.x + 0.5, y: rect.y, width: Math.max(0.5, rect.width - 1), height: rect.height, rx: 1.5 })));
      const [first] = rects;
      if (first && text) this.#texts.append(makeSvg("text", { class: `text-${part.kind}`, x: first.x + first.width / 2, y: first.y + first.height / 2 }, text));
      return group;
    });
  }

  // Is it the block that a free which has not happened would free?
  #isGhost({ place }: PoolFacts, block: number | undefined): boolean {
    const ghost = this.#app.ghost?.place;
    return block !== undefined && ghost?.arena === place.arena && ghost.pool === place.pool && ghost.block === block;
  }

  #title(part: PoolPart, pool: PoolFacts): string {
    const block = pool.blocks.find(({ offset }) => offset === part.block);
    if (block) return blockSentence(pool, block);
    const size = bytesText(part.to - part.from);
    return part.kind === "header" ? `struct pool_header, ${size}` : part.kind === "waste" ? `${size} behind the last block` : `${size}, never carved`;
  }

  #pick(event: MouseEvent, isZoom: boolean): void {
    const target = event.target instanceof Element ? event.target.closest("[data-block]") : null;
    if (target) this.#choose(Number(target.getAttribute("data-block")), isZoom);
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
