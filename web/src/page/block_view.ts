import type { Block, BlockLife, PoolFacts } from "../facts.ts";
import { bytesText, grouped } from "../parts/amounts.ts";
import { make, makeSvg, replace, type Child } from "../parts/dom.ts";
import { latest } from "../parts/latest.ts";
import type { App, Picture } from "./app.ts";
import { blockSentence } from "./pool_view.ts";

const LABEL_WIDTH = 40;
const BYTES_DRAWN = 512;

// The bytes of a block in order: those requested, and the rounding behind them; or the link of a free block.
function drawBytes(pool: PoolFacts, block: Block, width: number): SVGElement {
  const bytes = pool.block_bytes;
  const used = block.state === "live" ? Math.min(bytes, Number(block.bytes ?? bytes)) : block.state === "free" ? Math.min(8, bytes) : 0;
  const scale = (width - 2) / Math.min(BYTES_DRAWN, bytes);
  const rect = (from: number, to: number, kind: string): SVGElement => makeSvg("g", { class: `part part-${kind}` },
    makeSvg("rect", { x: 1 + from * scale, y: 1, width: Math.max(1, (to - from) * scale), height: 34, rx: 2 }));
  const hasRoom = used * scale > LABEL_WIDTH && (bytes - used) * scale > LABEL_WIDTH;
  const texts = [0, ...hasRoom ? [used] : [], bytes].map((at) => ({ at, text: String(at) }));
  const rest = block.state === "live" ? "rounding" : block.state;
  return makeSvg("svg", { class: "block-bytes", viewBox: `0 0 ${width} 56`, width, height: 56, role: "img",
    "aria-label": blockSentence(pool, block) },
  used < bytes ? rect(used, bytes, rest) : null, used > 0 ? rect(0, used, block.state) : null,
  ...texts.map(({ at, text }) => makeSvg("text", {
    x: Math.min(width - 2, 1 + at * scale), y: 50, class: "offset", "text-anchor": at === 0 ? "start" : at === bytes ? "end" : "middle" }, text)));
}

function rows(pairs: readonly (readonly [string, Child])[]): HTMLElement {
  return make("dl", { class: "facts" }, ...pairs.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]));
}

/** A block: its bytes, who has it, and the requests of its id. */
export class BlockView {
  readonly element = make("div", { class: "block-view stack", tabindex: 0, role: "group", "aria-label": "Block" });
  readonly #app: App;
  readonly #life = make("div", { class: "stack" });
  readonly #load = latest(async (id: Block["id"]) => { await this.#read(id); });
  #id: Block["id"];

  constructor(app: App) {
    this.#app = app;
  }

  draw({ pool }: Picture, width: number): void {
    const block = pool?.blocks.find(({ offset }) => offset === this.#app.selection.block);
    if (!pool || !block) {
      replace(this.element, make("p", { class: "faint" }, "There is no such block at this moment."));
      return;
    }
    const next = pool.freelist[pool.freelist.indexOf(block.offset) + 1];
    const where = block.where?.length ? make("ol", { class: "frames mono" }, ...block.where.map((frame) => make("li", {}, frame))) : null;
    replace(this.element, drawBytes(pool, block, width),
      rows([["state", block.state === "virgin" ? "never carved" : block.state],
        ["address", make("code", {}, `${pool.address}:${block.offset}`)],
        ...block.state === "live" ? [["id", String(block.id ?? "?")], ["requested", `${grouped(block.bytes ?? 0)} of ${bytesText(pool.block_bytes)}`],
          ["since request", this.#link(block.request ?? 0)]] as const : [],
        ...block.state === "free" ? [["link", next === undefined ? "NULL, the end of the chain" : `${pool.address}:${next}`]] as const : [],
        ...where ? [["requested by", where]] as const : []]),
      this.#life);
    if (block.id !== this.#id) replace(this.#life);
    this.#id = block.id;
    if (block.id !== undefined) this.#load(block.id);
  }

  #link(op: number): HTMLElement {
    return make("button", { type: "button", class: "link", onclick: () => { this.#app.seek(op); } }, grouped(op));
  }

  async #read(id: Block["id"]): Promise<void> {
    if (id === undefined) return;
    const life = await this.#app.guard(this.#app.ask<BlockLife>("block", id));
    if (!life || id !== this.#id) return;
    const now = this.#app.moment?.op ?? 0;
    replace(this.#life, make("h3", {}, `Life of id ${id}`), make("ol", { class: "life" }, ...life.requests.map((request) =>
      make("li", { class: request.op > now ? "faint" : "" }, this.#link(request.op), make("code", {}, request.text),
        request.op === now ? make("span", { class: "tag" }, "now") : null))),
    life.left_out > 0 ? make("p", { class: "faint" }, `${grouped(life.left_out)} later requests are not listed.`) : null);
  }
}
