import type { Block, PoolFacts, Session } from "../facts.ts";
import { bytesText, counted, grouped } from "../parts/amounts.ts";
import { make, makeSvg, replace } from "../parts/dom.ts";
import type { App, Picture } from "./app.ts";
import { coloursNow } from "./colours.ts";
import { blockAt, linkPoint, offsetAt, partsOf, pathOf, planPool, rectsOf, type PartKind, type PoolPart, type PoolPlan } from "./pool_plan.ts";

const LINKS_MOST = 200;
const HEAD = 6;
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

function hatch(id: string): SVGElement {
  return makeSvg("pattern", { id, width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
    makeSvg("line", { x1: 0, y1: 0, x2: 0, y2: 6, class: "hatch" }));
}

interface Point { x: number; y: number }

// A link of the free chain, as a curve that leaves its row, and its arrow head.
function link(plan: PoolPlan, from: Point, to: Point): { line: string; head: string } {
  const bend = from.y === to.y ? plan.rowHeight * 0.9 : 0;
  const middle = (from.x + to.x) / 2;
  const sign = to.x < middle ? -1 : 1;
  return { line: `M${from.x} ${from.y}C${middle} ${from.y - bend} ${middle} ${to.y - bend} ${to.x} ${to.y}`,
    head: `M${to.x} ${to.y}l${-HEAD * sign} ${-HEAD / 2}v${HEAD}Z` };
}

function chain(pool: PoolFacts, plan: PoolPlan): SVGElement[] {
  const points = pool.freelist.slice(0, LINKS_MOST).map((offset) => linkPoint(plan, offset, pool.block_bytes));
  const [top] = rectsOf(plan, 0, pool.overhead);
  const header = { x: (top?.x ?? 0) + (top?.width ?? 0) - 6, y: 2 + plan.rowHeight - 5 };
  const links = points.map((point, i) => link(plan, points[i - 1] ?? header, point));
  const [first, ...rest] = links;
  if (!first) return [];
  const draw = (some: readonly { line: string; head: string }[], name: string): SVGElement[] => [
    makeSvg("path", { class: `chain ${name}`, d: some.map(({ line }) => line).join("") }),
    makeSvg("path", { class: `arrow-head ${name}`, d: some.map(({ head }) => head).join("") })];
  return [...draw(rest, rest.length > MANY_LINKS ? "many" : ""), ...draw([first], "first")];
}

function textOf(part: PoolPart, block: Block | undefined, width: number): string {
  if (part.kind === "header") return width > 84 ? "pool_header" : width > 48 ? "header" : "";
  if (part.kind === "waste") return width > 60 ? `${part.to - part.from} B rest` : "";
  if (part.kind === "free") return width > 60 ? String(part.from) : "";
  if (part.kind !== "live" || width < TEXT_LEAST) return "";
  const id = `#${block?.id ?? ""}`;
  const long = `${id} · ${block?.bytes ?? 0} B`;
  return width > long.length * 7 ? long : width > id.length * 7 ? id : "";
}

// What lies at an offset that is in no block.
function placeSentence(pool: PoolFacts, offset: number): string {
  if (pool.state === "virgin") return "never carved";
  return offset < pool.overhead ? `struct pool_header, ${bytesText(pool.overhead)}` : `${bytesText(pool.waste)} behind the last block`;
}

/** A pool to scale: its header, its blocks, the rest behind them, and the chain of the free blocks. */
export class PoolView {
  readonly element: HTMLElement;
  readonly #app: App;
  readonly #svg = makeSvg("svg", { class: "pool", tabindex: 0, role: "application", "aria-describedby": "map-keys" });
  #plan: PoolPlan | null = null;
  readonly #tell: (text: string) => void;

  constructor(app: App, tell: (text: string) => void) {
    this.#app = app;
    this.#tell = tell;
    this.element = make("div", { class: "pool-view", id: "pool-picture" }, this.#svg);
    this.#svg.addEventListener("click", (event) => { this.#pick(event, false); });
    this.#svg.addEventListener("dblclick", (event) => { this.#pick(event, true); });
    this.#svg.addEventListener("pointermove", (event) => { this.#point(event); });
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
    const colours = coloursNow();
    const live = colours.ofClass(Math.max(0, pool.szidx), session.classes.length);
    this.#plan = plan;
    const parts = partsOf(pool, session.geometry.pool_bytes);
    const place = this.element.closest<HTMLElement>(".region-body") ?? this.element; // the legend is in it, too
    place.style.setProperty("--live", live);
    place.style.setProperty("--on-live", colours.on(live));
    this.#svg.append(makeSvg("defs", {}, hatch("hatch-waste"), hatch("hatch-rounding")), this.#offsets(plan), ...this.#parts(pool, plan, parts),
      ...chain(pool, plan), this.#labels(pool, plan, parts));
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

  #offsets(plan: PoolPlan): SVGElement {
    return makeSvg("g", { class: "offsets" }, ...Array.from({ length: plan.rows }, (_, row) =>
      makeSvg("text", { x: plan.left - 8, y: row * plan.rowStep + 2 + plan.rowHeight / 2 }, row * plan.rowBytes)));
  }

  // One path for all parts of a kind: a pool may have hundreds of blocks.
  #parts(pool: PoolFacts, plan: PoolPlan, parts: readonly PoolPart[]): SVGElement[] {
    const paths = new Map<PartKind, string[]>();
    for (const part of parts) {
      const path = paths.get(part.kind) ?? [];
      paths.set(part.kind, path);
      path.push(pathOf(plan, part.from, part.to));
    }
    return [...paths].map(([kind, path]) => makeSvg("path", { class: `part part-${kind}`, d: path.join("") })).concat(this.#marks(pool, plan));
  }

  // The outlines of blocks that have changed, of a free that has not happened, and of the selected one.
  #marks(pool: PoolFacts, plan: PoolPlan): SVGPathElement[] {
    const { changes, ghost, selection } = this.#app;
    const outline = (name: string, blocks: readonly number[]): SVGPathElement => makeSvg("path", { class: `part-mark ${name}`,
      d: blocks.map((block) => pathOf(plan, block, block + pool.block_bytes)).join("") });
    const changed = changes.filter(({ of, record }) => of === "block" && record.startsWith(`${pool.address}:`)).map(({ record }) => Number(record.split(":")[2]));
    const isGhost = ghost?.place?.arena === pool.place.arena && ghost.place.pool === pool.place.pool;
    return [outline("changed", changed), outline("ghost", isGhost && ghost.place?.block !== undefined ? [ghost.place.block] : []),
      outline("selected", selection.block === undefined || pool.block_bytes === 0 ? [] : [selection.block])];
  }

  #labels(pool: PoolFacts, plan: PoolPlan, parts: readonly PoolPart[]): SVGElement {
    const blocks = new Map(pool.blocks.map((block) => [block.offset, block]));
    return makeSvg("g", {}, ...parts.map((part) => {
      const [first] = rectsOf(plan, part.from, part.to);
      const text = first ? textOf(part, blocks.get(part.block ?? -1), first.width) : "";
      return first && text ? makeSvg("text", { class: `text-${part.kind}`, x: first.x + first.width / 2, y: first.y + first.height / 2 }, text) : null;
    }));
  }

  #at(event: MouseEvent): number | null {
    const { shown, session } = this.#app;
    if (!this.#plan || !shown?.pool || !session) return null;
    const box = this.#svg.getBoundingClientRect();
    return offsetAt(this.#plan, event.clientX - box.left, event.clientY - box.top, session.geometry.pool_bytes);
  }

  #point(event: MouseEvent): void {
    const pool = this.#app.shown?.pool;
    const offset = this.#at(event);
    const block = pool && offset !== null ? blockAt(pool, offset) : null;
    this.element.title = pool && offset !== null ? block ? blockSentence(pool, block) : placeSentence(pool, offset) : "";
    this.#svg.style.cursor = block ? "pointer" : "default";
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
