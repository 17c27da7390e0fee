import { grouped } from "../parts/amounts.ts";
import { make, replace, setState, setText } from "../parts/dom.ts";
import { keepHeight } from "../parts/steady.ts";
import type { App } from "./app.ts";
import { EventItem, showList } from "./event_item.ts";
import { keyed } from "./keys.ts";
import { Player, SPEEDS } from "./player.ts";
import { actionsOf } from "./shell.ts";

/** The events of the request: its second clock. */
class RequestRegion {
  readonly #app: App;
  readonly #list = make("ol", { class: "events" });
  readonly #keepHeight = keepHeight(this.#list);
  readonly #items: EventItem[] = [];
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
    const { moment, session, step } = this.#app;
    if (!moment) return;
    this.#keepHeight();
    const frames = moment.request?.where ?? [];
    if (frames.length > 0 || this.#where.childElementCount > 0) replace(this.#where, ...frames.map((frame) => make("li", {}, frame)));
    showList(this.#list, this.#items, moment.events, (i) => new EventItem(i, () => { this.#app.setStep(i); }), (item, event, i) => {
      item.show(event, step !== null && i > step ? "pending" : step === i ? "present" : "done",
        session?.kinds.find(({ name }) => name === event.kind)?.meaning ?? "");
    });
    setText(this.#note, moment.request === null ? "There is no request before this moment."
      : moment.left_out > 0 ? `${grouped(moment.left_out)} details are not listed, and steps leave them out.` : "");
    if (step !== null) this.#show(step);
    this.#showButtons();
  }

  stop(): void {
    if (this.#player.isPlaying) this.#player.stop();
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
    setText(this.#play, this.#player.isPlaying ? "❚❚" : "▶");
    setState(this.#play, "aria-pressed", String(this.#player.isPlaying));
    this.#play.disabled = isNone;
    this.#back.disabled = isNone || step === 0;
    this.#next.disabled = isNone || step === null;
    setState(this.#all, "aria-pressed", String(step === null));
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
