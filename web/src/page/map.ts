import { make, replace, setState, setText } from "../parts/dom.ts";
import { whenSeen } from "../parts/seen.ts";
import { keepHeight } from "../parts/steady.ts";
import type { Session } from "../facts.ts";
import type { App, Picture } from "./app.ts";
import { BlockView } from "./block_view.ts";
import { CanvasView } from "./canvas_view.ts";
import { coloursNow, type Colours } from "./colours.ts";
import { fillFactsTable } from "./facts_table.ts";
import type { Paint } from "./heap_map.ts";
import { keyed } from "./keys.ts";
import { makeLegend } from "./legend.ts";
import { VIEWS, type Selection, type View } from "./link.ts";
import { PoolView } from "./pool_view.ts";
import { actionsOf } from "./shell.ts";

const PADDING = 12;
const PAINTS: readonly (readonly [Paint, string])[] = [["class", "Size class"], ["fill", "Fill"]];

function crumbText(view: View, { arena, pool, block }: Selection): string {
  const numbers = { heap: undefined, arena, pool, block };
  const number = numbers[view];
  return view === "heap" || number === undefined ? view : `${view} ${number}`;
}

/** The picture of the memory: the heap, an arena, a pool or a block. */
class MapRegion {
  readonly #app: App;
  readonly #body: HTMLElement;
  readonly #crumbs: readonly HTMLButtonElement[];
  readonly #stage = make("div", { class: "stage" });
  readonly #keepHeight = keepHeight(this.#stage);
  readonly #note = make("p", { class: "faint note" });
  readonly #legend = make("div", { class: "legend-place" });
  readonly #table = make("div", { class: "facts-table", id: "map-table", hidden: true });
  readonly #live = make("p", { class: "hidden", "aria-live": "polite" });
  readonly #heap: CanvasView;
  readonly #arena: CanvasView;
  readonly #pool: PoolView;
  readonly #drawPool: () => void;
  readonly #block: BlockView;
  readonly #poolHeading = make("h3", { class: "pool-heading" });
  #paint: Paint = "class";
  // The view and the colours that the legend explains now.
  #legendOf: { view: View; paint: Paint; session: Session; colours: Colours } | null = null;
  // Of the picture; it is read when it changes, as reading makes the browser lay out the page.
  #width = 0;

  constructor(element: HTMLElement, app: App) {
    this.#app = app;
    this.#body = element;
    this.#width = element.clientWidth - 2 * PADDING;
    const tell = (text: string): void => { this.#live.textContent = text; };
    this.#heap = new CanvasView(app, false, tell);
    this.#arena = new CanvasView(app, true, tell);
    this.#pool = new PoolView(app, tell);
    this.#drawPool = whenSeen(this.#pool.element, () => {
      if (app.shown && app.session) this.#pool.draw(app.shown, app.session, this.#width);
    });
    this.#block = new BlockView(app);
    this.#crumbs = VIEWS.map((name, i) => make("button", { type: "button", class: "plain crumb", id: `view-${name}`, ...i === 0 && keyed("h"),
      onclick: () => { app.setView(name); } }));
    element.append(make("nav", { class: "crumbs", "aria-label": "What the map shows" }, make("ol", {}, ...this.#crumbs.map((crumb) => make("li", {}, crumb)))),
      this.#stage, this.#table, this.#note, this.#legend, this.#live,
      make("p", { id: "map-keys", class: "hidden" }, "Arrows select, Enter zooms in, Escape zooms out."));
    actionsOf(element).append(this.#paints(), this.#tableButton(), this.#followButton());
    new ResizeObserver(() => { this.#resize(); }).observe(element);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { this.draw(); });
    element.addEventListener("keydown", (event) => { this.#key(event); });
  }

  #resize(): void {
    const width = this.#body.clientWidth - 2 * PADDING;
    if (width === this.#width) return;
    this.#width = width;
    this.draw();
  }

  draw(): void {
    const { shown, session, view } = this.#app;
    const width = this.#width;
    if (!shown || !session || width <= 0) return;
    this.#drawCrumbs();
    this.#keepHeight();
    const canvas = view === "heap" ? this.#heap : view === "arena" ? this.#arena : null;
    const part = canvas ?? (view === "pool" ? this.#pool : this.#block);
    const isBelow = canvas !== null && shown.pool !== null && shown.pool.state !== "virgin";
    const parts = isBelow ? [part.element, this.#poolHeading, this.#pool.element] : [part.element];
    if (this.#stage.childElementCount !== parts.length || this.#stage.firstChild !== part.element) this.#exchange(parts);
    if (canvas) canvas.paint = this.#paint;
    if (part instanceof BlockView) part.draw(shown, width);
    else if (part instanceof PoolView) this.#drawPool();
    else part.draw(shown, session, width);
    if (isBelow) this.#drawBelow(shown);
    setText(this.#note, canvas ? canvas.note : view === "pool" ? PoolView.note(shown.pool) : "");
    this.#drawLegend(session);
    if (!canvas) this.#setLive(session);
    if (!this.#table.hidden) fillFactsTable(this.#table, this.#app, shown, session);
  }

  // Shows other pictures. The first one gets the focus if a picture had it.
  #exchange(parts: readonly HTMLElement[]): void {
    const hadFocus = this.#stage.contains(document.activeElement);
    this.#stage.replaceChildren(...parts);
    const [first] = parts;
    if (!hadFocus || !first) return;
    first.focus();
  }

  // The selected pool, under the map.
  #drawBelow(picture: Picture): void {
    this.#drawPool();
    setText(this.#poolHeading, `Pool ${picture.pool?.address ?? ""}: ${PoolView.note(picture.pool)}`);
  }

  #drawCrumbs(): void {
    const { view, selection } = this.#app;
    const hadFocus = this.#crumbs.some((crumb) => crumb === document.activeElement);
    this.#crumbs.forEach((crumb, i) => {
      const name = VIEWS[i] ?? "heap";
      setText(crumb, crumbText(name, selection));
      setState(crumb, "aria-current", name === view ? "location" : undefined);
      if (hadFocus && name === view) crumb.focus();
    });
  }

  // The legend is made anew only where it differs.
  #drawLegend(session: Session): void {
    const { view } = this.#app;
    const colours = coloursNow();
    const old = this.#legendOf;
    if (old?.view === view && old.paint === this.#paint && old.session === session && old.colours === colours) return;
    this.#legendOf = { view, paint: this.#paint, session, colours };
    replace(this.#legend, makeLegend(view, this.#paint, session));
  }

  // The colour of live blocks in the pictures of a block and in the legend, which are drawn by the style sheet.
  #setLive(session: Session): void {
    const szidx = this.#app.shown?.pool?.szidx ?? 0;
    this.#body.style.setProperty("--live", coloursNow().ofClass(Math.max(0, szidx), session.classes.length));
  }

  #paints(): HTMLElement {
    const buttons = PAINTS.map(([paint, text]) => make("button", { type: "button", id: `paint-${paint}`, "aria-pressed": paint === this.#paint, onclick: () => {
      this.#paint = paint;
      buttons.forEach((button, i) => { button.setAttribute("aria-pressed", String(PAINTS[i]?.[0] === paint)); });
      this.draw();
    } }, text));
    buttons.forEach((button, i) => { button.setAttribute("aria-pressed", String(i === 0)); });
    return make("div", { class: "group", role: "group", "aria-label": "Colour by" }, ...buttons);
  }

  #tableButton(): HTMLElement {
    const button = make("button", { type: "button", id: "table-toggle", "aria-pressed": "false", title: "Table of what the map shows (T)", ...keyed("t"), onclick: () => {
      this.#table.hidden = !this.#table.hidden;
      button.setAttribute("aria-pressed", String(!this.#table.hidden));
      this.draw();
    } }, "Table");
    return button;
  }

  #followButton(): HTMLElement {
    const button = make("button", { type: "button", id: "follow-toggle", title: "Select the block of each request (F)", ...keyed("f"),
      onclick: () => { this.#app.setFollowing(!this.#app.isFollowing); } }, "Follow requests");
    this.#app.follow(() => { button.setAttribute("aria-pressed", String(this.#app.isFollowing)); });
    return button;
  }

  // Enter and Escape, where the focus is on the picture.
  #key(event: KeyboardEvent): void {
    const { view, selection } = this.#app;
    const depth = VIEWS.indexOf(view);
    if (event.key === "Escape" && depth > 0) {
      event.preventDefault();
      this.#zoomTo(VIEWS[depth - 1] ?? "heap");
    } else if (event.key === "Enter" && this.#stage.contains(document.activeElement)) {
      event.preventDefault();
      const deeper = VIEWS[Math.min(VIEWS.length - 1, depth + 1)] ?? "heap";
      this.#zoomTo(view === "heap" && selection.pool !== undefined ? "pool" : deeper);
    }
  }

  #zoomTo(view: View): void {
    this.#app.setView(view);
  }
}

/** Fills the region of the map. */
export function mountMap(element: HTMLElement, app: App): void {
  const region = new MapRegion(element, app);
  app.follow(() => { region.draw(); });
}
