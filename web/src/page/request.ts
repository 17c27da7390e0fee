import type { Change, Event, FieldValue } from "../facts.ts";
import { grouped } from "../parts/amounts.ts";
import { make, replace } from "../parts/dom.ts";
import type { App } from "./app.ts";
import { keyed } from "./keys.ts";
import { Player, SPEEDS } from "./player.ts";
import { actionsOf } from "./shell.ts";

const CHANGES_SHOWN = 12;

/** A value of a field as people read it. */
export function valueText(value: FieldValue): string {
  return value === null ? "none" : value === "-" ? "NULL" : String(value);
}

/** The field of a change: with its record, unless the event is about that record. */
export function fieldText({ of, record, name }: Change, event: Event): string {
  const place = event.place;
  const own = place ? `${place.arena}:${place.pool}` : "";
  const isOwn = (of === "pool" && record === own) || (of === "heap") || (of === "block" && record === `${own}:${place?.block ?? ""}`)
    || (of === "arena" && !place && record === `arena ${event.arena ?? ""}`);
  return isOwn ? name : `${record}.${name}`;
}

function changesOf(event: Event): HTMLElement | null {
  if (event.fields.length === 0) return null;
  const shown = event.fields.slice(0, CHANGES_SHOWN);
  return make("ul", { class: "changes mono" }, ...shown.map((change) => make("li", {},
    make("span", { class: "faint" }, `${fieldText(change, event)} `),
    make("span", { class: "old" }, valueText(change.before)), " → ", make("strong", {}, valueText(change.after)))));
}

/** The events of the request: its second clock. */
class RequestRegion {
  readonly #app: App;
  readonly #list = make("ol", { class: "events" });
  readonly #note = make("p", { class: "faint" });
  readonly #where = make("ol", { class: "frames mono faint" });
  readonly #play: HTMLButtonElement;
  readonly #back: HTMLButtonElement;
  readonly #next: HTMLButtonElement;
  readonly #all: HTMLButtonElement;
  readonly #player: Player;

  constructor(element: HTMLElement, app: App) {
    this.#app = app;
    this.#player = new Player(app, () => { this.#showButtons(); });
    const button = (id: string, text: string, name: string, key: string, run: () => void): HTMLButtonElement =>
      make("button", { type: "button", id, "aria-label": name, title: `${name} (${key.toUpperCase()})`, ...keyed(key), onclick: run }, text);
    this.#back = button("step-back", "◂", "Previous event", ",", () => { stepBy(app, -1); });
    this.#play = button("step-play", "▶", "Play the events", "k", () => { this.toggle(); });
    this.#next = button("step-next", "▸", "Next event", ".", () => { stepBy(app, 1); });
    this.#all = button("step-all", "All", "All events are done", "0", () => { this.#player.stop(); app.setStep(null); });
    const speed = make("select", { id: "step-speed", "aria-label": "Speed", title: "Speed",
      onchange: () => { this.#player.seconds = SPEEDS.find(([name]) => name === speed.value)?.[1] ?? 0.8; } },
    ...SPEEDS.map(([name]) => make("option", { value: name, selected: name === "normal" }, name)));
    actionsOf(element).append(make("span", { class: "group", role: "group", "aria-label": "Steps inside the request" },
      this.#back, this.#play, this.#next, this.#all), speed);
    element.append(this.#where, this.#list, this.#note);
  }

  toggle(): void {
    if (this.#player.isPlaying) this.#player.stop();
    else this.#player.play();
  }

  draw(): void {
    const { moment, step } = this.#app;
    if (!moment) return;
    replace(this.#where, ...(moment.request?.where ?? []).map((frame) => make("li", {}, frame)));
    replace(this.#list, ...moment.events.map((event, i) => this.#item(event, i)));
    this.#note.textContent = moment.request === null ? "There is no request before this moment."
      : moment.left_out > 0 ? `${grouped(moment.left_out)} details are not listed, and steps leave them out.` : "";
    if (step !== null) this.#show(step);
    this.#showButtons();
  }

  stop(): void {
    if (this.#player.isPlaying) this.#player.stop();
  }

  #item(event: Event, i: number): HTMLElement {
    const { step, session } = this.#app;
    const meaning = session?.kinds.find(({ name }) => name === event.kind)?.meaning ?? "";
    const about = event.place ? [event.place.arena, event.place.pool, event.place.block].filter((part) => part !== undefined).join(":")
      : event.arena === null ? "" : `arena ${event.arena}`;
    const state = step !== null && i > step ? "pending" : step === i ? "present" : "done";
    return make("li", { class: `event ${state}` },
      make("button", { type: "button", class: "plain", "aria-current": step === i ? "step" : undefined, title: meaning,
        onclick: () => { this.#app.setStep(i); } },
      make("span", { class: "event-number" }, i), make("span", { class: "event-kind" }, event.kind), make("code", { class: "faint" }, about)),
      changesOf(event));
  }

  // Scrolls the list, and not the page.
  #show(step: number): void {
    const item = this.#list.children[step];
    if (!(item instanceof HTMLElement)) return;
    const top = item.offsetTop - this.#list.offsetTop;
    if (top < this.#list.scrollTop || top + item.offsetHeight > this.#list.scrollTop + this.#list.clientHeight) this.#list.scrollTop = top - 8;
  }

  #showButtons(): void {
    const { moment, step } = this.#app;
    const isNone = !moment || moment.events.length === 0;
    this.#play.textContent = this.#player.isPlaying ? "❚❚" : "▶";
    this.#play.setAttribute("aria-pressed", String(this.#player.isPlaying));
    this.#play.disabled = isNone;
    this.#back.disabled = isNone || step === 0;
    this.#next.disabled = isNone || step === null;
    this.#all.setAttribute("aria-pressed", String(step === null));
  }
}

/** Goes some events ahead or back inside the request. */
export function stepBy(app: App, by: number): void {
  const last = (app.moment?.events.length ?? 0) - 1;
  const step = (app.step ?? last) + by;
  if (last >= 0) app.setStep(step);
}

/** Fills the region of the request. */
export function mountRequest(element: HTMLElement, app: App): void {
  const region = new RequestRegion(element, app);
  app.follow((change) => {
    if (change === "theme" || change === "ghost") return;
    if (change !== "step" && change !== "selection") region.stop();
    region.draw();
  });
}
