import { bytesText, counted, grouped } from "../parts/amounts.ts";
import { make } from "../parts/dom.ts";
import { latest } from "../parts/latest.ts";
import type { Moment, Session, Timeline } from "../facts.ts";
import type { App } from "../page/app.ts";
import { secondHeapOf } from "../compare/second.ts";
import { makeCanvas, penOf } from "../parts/canvas.ts";
import { drawChart, drawCursor, type Other } from "./draw.ts";
import { addGestures } from "./gestures.ts";
import { layoutOf, type Layout } from "./layout.ts";
import { makeLegend } from "./legend.ts";
import { makeOverview } from "./overview.ts";
import { paletteOf, type Palette } from "./palette.ts";
import { phaseAt, phasesOf, type Phase } from "./phases.ts";
import { makeRange } from "./range.ts";
import { greatest, highest, LAYERS, type LayerName } from "./series.ts";
import { fillTable } from "./table.ts";
import { makeTip, tipText } from "./tip.ts";
import { fitted, isSame, showing, zoomed, type Window } from "./window.ts";

const POINTS_MOST = 2000;
const KEYS = "Drag to move the moment. Keys: arrows, Page Up and Down, Home, End; + and − zoom, < and > move the window, 0 shows all.";
const NO_WINDOW: Window = { from: 0, to: 0 };

/** The sentence that a screen reader says for a moment. */
export function momentText(moment: Moment, phases: readonly Phase[]): string {
  const { stats } = moment;
  const phase = phaseAt(phases, moment.op);
  return `after request ${grouped(moment.op)} of ${grouped(moment.requests)}: ${bytesText(stats.live)} live of `
    + `${bytesText(stats.held)} held in ${counted(stats.arenas, "arena")}${phase ? `, phase ${phase.text}` : ""}`;
}

/** The chart of bytes and arenas over the requests: a slider over the moments of a session. */
export class TimelineChart {
  readonly element: HTMLElement;
  /** The controls of the requests shown, for the head of the region. */
  get controls(): HTMLElement { return this.#range.element; }
  readonly #app: App;
  readonly #visible = new Set<LayerName>(LAYERS.map((layer) => layer.name));
  readonly #curves = makeCanvas("curves");
  readonly #cursor = makeCanvas("cursor");
  readonly #slider: HTMLElement;
  readonly #tip = makeTip();
  readonly #table = make("table", { class: "numbers" });
  readonly #details = make("details", { ontoggle: () => { this.#fillTable(); } },
    make("summary", {}, "Table of these values"), make("div", { class: "scroll" }, this.#table));
  readonly #legend = makeLegend(this.#visible, () => { this.#draw(); });
  readonly #overview = makeOverview((window) => { this.#choose(window); });
  readonly #range = makeRange({
    set: (from, to) => { this.#choose(fitted(from, to, this.#bounds())); },
    zoom: (factor) => { this.#choose(zoomed(this.#window, factor, this.#op(), this.#bounds())); },
    reset: () => { this.#choose(this.#bounds()); },
  });
  // What the curves do not show, such as arenas for which there are no addresses.
  readonly #notice = make("p", { class: "hint", role: "status", hidden: true });
  readonly #load = latest(async (session: Session) => { await this.#read(session); });
  #session: Session | null = null;
  #phases: Phase[] = [];
  #window = NO_WINDOW;
  #whole: Timeline | null = null;
  #series: Timeline | null = null;
  #other: { handle: number; series: Other | null } | null = null;
  #pointed: number | null = null;
  #palette: Palette | null = null;
  #layout: Layout = layoutOf(300, NO_WINDOW, false);

  constructor(app: App) {
    this.#app = app;
    this.#slider = make("div", { class: "chart", role: "slider", tabindex: 0, "aria-label": "Moment of the trace",
      "aria-describedby": "timeline-keys", title: KEYS }, this.#curves, this.#cursor, this.#tip.element);
    this.element = make("div", { class: "timeline" }, this.#legend.element, this.#slider, this.#overview.element, this.#details, this.#notice,
      make("p", { id: "timeline-keys", class: "hidden" }, KEYS));
    addGestures(this.#slider, { layout: () => this.#layout, window: () => this.#window, bounds: () => this.#bounds(),
      op: () => this.#op(), seek: (op) => { app.seek(op); }, choose: (window) => { this.#choose(window); },
      point: (op) => { this.#point(op); } });
    new ResizeObserver(() => { this.#resize(); }).observe(this.element);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { this.#draw(); });
    const second = secondHeapOf(app);
    second.follow(() => {
      this.#legend.name(second.heap?.session.geometry.name ?? null);
      this.#compare(second.heap?.session.session ?? null);
    });
    app.follow((change) => {
      if (change === "session") this.#open();
      if (change === "session" || change === "moment") this.#move();
      if (change === "theme") this.#draw();
    });
  }

  // The curves of the second heap are dashed lines. They are read anew only when it is another heap.
  #compare(handle: number | null): void {
    if (handle === (this.#other?.handle ?? null)) return;
    this.#other = handle === null ? null : { handle, series: null };
    if (this.#session) this.#load(this.#session);
  }

  #bounds(): Window {
    return this.#session ?? NO_WINDOW;
  }

  #op(): number {
    return this.#app.moment?.op ?? 0;
  }

  #open(): void {
    const { session } = this.#app;
    if (!session) return;
    const isFirst = this.#session === null || !isSame(this.#session, session);
    this.#session = session;
    this.#phases = phasesOf(session.marks, session.to);
    if (isFirst) this.#window = { from: session.from, to: session.to };
    this.#range.show(this.#window, session);
    this.#whole = null;
    this.#load(session);
  }

  #choose(window: Window): void {
    if (!this.#session || isSame(window, this.#window)) return;
    this.#window = window;
    this.#draw(); // the known values at once, finer ones when they come
    this.#load(this.#session);
  }

  async #read(session: Session): Promise<void> {
    try {
      await this.#readCurves(session);
    } catch (error) {
      this.#app.fail(error);
    }
    if (session !== this.#session) return;
    const notice = this.#series?.notice ?? "";
    this.#notice.textContent = notice;
    this.#notice.hidden = notice === "";
    this.#draw();
  }

  async #readCurves(session: Session): Promise<void> {
    const points = Math.min(POINTS_MOST, Math.max(100, Math.round(this.#layout.right - this.#layout.left)));
    const { from, to } = this.#window;
    const read = (handle: number, first: number, last: number): Promise<Timeline> =>
      this.#app.inTurn(() => this.#app.engine.call<Timeline>("timeline", handle, points, first, last));
    const whole = this.#whole ?? await read(session.session, session.from, session.to);
    const series = isSame(this.#window, session) ? whole : await read(session.session, from, to);
    const other = this.#other;
    const dashed = other ? await read(other.handle, from, to) : null;
    if (session !== this.#session) return;
    this.#whole = whole;
    this.#series = series;
    if (other && other === this.#other) other.series = dashed;
  }

  #resize(): void {
    const width = this.element.clientWidth;
    if (width > 0 && width !== this.#layout.width) {
      this.#layout = layoutOf(width, this.#window, this.#phases.length > 0);
      this.#slider.style.height = `${this.#layout.height}px`;
      this.#draw();
      if (this.#session) this.#load(this.#session);
    }
  }

  #draw(): void {
    if (!this.#session || !this.#series || !this.#whole || this.element.clientWidth === 0) return;
    const palette = paletteOf(this.element);
    const layout = layoutOf(this.element.clientWidth, this.#window, this.#phases.length > 0);
    this.#layout = layout;
    this.#slider.style.height = `${layout.height}px`;
    const other = this.#other?.series ?? null;
    drawChart(penOf(this.#curves, layout.width, layout.height), layout, { series: this.#series, visible: this.#visible,
      phases: this.#phases, other, highest: Math.max(highest(this.#series, this.#visible), greatest(other?.held ?? [])) }, palette);
    this.#overview.draw(this.#whole, { bounds: this.#bounds(), left: layout.left, right: layout.right, palette });
    this.#palette = palette;
    this.#range.show(this.#window, this.#bounds());
    this.#fillTable();
    this.#drawCursor();
  }

  #drawCursor(): void {
    if (!this.#palette) return;
    const layout = this.#layout;
    drawCursor(penOf(this.#cursor, layout.width, layout.height), layout, this.#op(), this.#pointed, this.#palette);
    this.#overview.mark(this.#window, this.#op());
  }

  #move(): void {
    const { moment } = this.#app;
    if (!moment || !this.#session) return;
    this.#legend.show(moment.stats);
    this.#slider.setAttribute("aria-valuemin", String(this.#session.from));
    this.#slider.setAttribute("aria-valuemax", String(this.#session.to));
    this.#slider.setAttribute("aria-valuenow", String(moment.op));
    this.#slider.setAttribute("aria-valuetext", momentText(moment, this.#phases));
    const window = showing(this.#window, moment.op, this.#bounds());
    if (isSame(window, this.#window)) this.#drawCursor();
    else this.#choose(window);
  }

  #point(op: number | null): void {
    this.#pointed = op;
    if (op === null || !this.#series) this.#tip.hide();
    else this.#tip.show(tipText(this.#series, this.#phases, op), op, this.#layout);
    this.#drawCursor();
  }

  #fillTable(): void {
    if (this.#details.open && this.#series) {
      fillTable(this.#table, this.#series, this.#phases, this.#window, (op) => { this.#app.seek(op); });
    }
  }
}
