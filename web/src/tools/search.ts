import { bytesText, grouped } from "../parts/amounts.ts";
import { make, replace, type Child } from "../parts/dom.ts";
import type { BlockLife, Hit, SearchResult } from "../facts.ts";
import type { App } from "../page/app.ts";
import { placeLink, requestLink, whereText } from "./links.ts";
import { makeProblem } from "./problem.ts";

const ROWS = 100;

function paragraph(...children: Child[]): HTMLElement {
  return make("p", {}, ...children);
}

function leftOut(count: number): HTMLElement | null {
  return count > 0 ? make("p", { class: "faint" }, `${grouped(count)} more not listed.`) : null;
}

function lifeNodes(app: App, life: BlockLife): Child[] {
  const now = life.live
    ? paragraph(`Block ${life.id} is live: ${bytesText(Number(life.bytes ?? 0))} at `,
      placeLink(app, life.address ?? "raw", life.place), life.where ? ` (${whereText(life.where)})` : null, ".")
    : paragraph(life.requests.length > 0 ? `Block ${life.id} is not live now.` : `No request of the trace has the id ${life.id}.`);
  const requests = life.requests.slice(0, ROWS).map((request) =>
    make("li", {}, requestLink(app, request.op), " ", make("code", {}, request.text)));
  return [now, make("ul", { class: "hits" }, ...requests), leftOut(life.left_out + Math.max(0, life.requests.length - ROWS))];
}

function hitNode(app: App, label: string, hit: Hit | null): HTMLElement {
  return hit ? paragraph(`${label}: `, requestLink(app, hit.op), " ", make("code", {}, hit.text)) : paragraph(`${label}: none.`);
}

function sizeNodes(app: App, result: Extract<SearchResult, { kind: "size" }>): Child[] {
  const blocks = result.blocks.slice(0, ROWS).map((block) => make("li", {}, `id ${block.id} at `,
    placeLink(app, block.address, block.place), ", ", requestLink(app, block.request)));
  return [hitNode(app, `Next request of ${grouped(result.bytes)} bytes`, result.next), hitNode(app, "Previous one", result.previous),
    paragraph(`Live blocks of ${grouped(result.bytes)} bytes now: ${grouped(result.blocks.length + result.left_out)}.`),
    make("ul", { class: "hits" }, ...blocks), leftOut(result.left_out + Math.max(0, result.blocks.length - ROWS))];
}

function addressNodes(app: App, result: Extract<SearchResult, { kind: "address" }>): Child[] {
  const parts = { header: "in the header of pool", block: "in a block of pool", waste: "behind the last block of pool",
    virgin: "in a pool that was not carved yet,", arena: "in the arena, in no pool," };
  return [paragraph(`The address lies ${parts[result.part]} `, placeLink(app, result.address, result.place), "."),
    ...(result.owner ? lifeNodes(app, result.owner) : [])];
}

/** The result of a search as nodes. */
export function resultNodes(app: App, result: SearchResult): Child[] {
  switch (result.kind) {
    case "id": return lifeNodes(app, result.life);
    case "size": return sizeNodes(app, result);
    case "address": return addressNodes(app, result);
    case "mark": return [make("ul", { class: "hits" }, ...result.marks.map((mark) =>
      make("li", {}, requestLink(app, mark.op), ` ${mark.text}`)))];
    case "request": return [paragraph("Gone to ", requestLink(app, result.op), ".")];
    case "none": return [paragraph(result.text)];
  }
}

const HINT = "An id (“id 7”), a size (“size 48”), an address (“0:4096:48” is arena 0, pool 4096, block 48), a request, or the text of a mark.";

/** The field that finds a block by its id, its size, or an address; a request; a mark. */
class Search {
  readonly element: HTMLElement;
  readonly #app: App;
  readonly #problem = makeProblem();
  readonly #results = make("div", { class: "results", "aria-live": "polite" });
  readonly #found: HTMLElement;
  readonly #input = make("input", { type: "search", "data-keys": "/", "aria-label": "Search", "aria-describedby": "search-hint", spellcheck: "false",
    placeholder: "Search: id 7, size 48, 0:4096:48, request 1200", autocomplete: "off" });

  constructor(app: App) {
    this.#app = app;
    const form = make("form", { class: "row", onsubmit: (event) => {
      event.preventDefault();
      void this.#run();
    } }, this.#input, make("button", { type: "submit" }, "Search"));
    this.#found = make("div", { class: "found", hidden: true }, make("p", { class: "hint", id: "search-hint" }, HINT), this.#problem.element, this.#results);
    this.element = make("div", { class: "search" }, form, this.#found);
    this.element.addEventListener("keydown", (event) => { if (event.key === "Escape") this.#hide(); });
    this.element.addEventListener("focusin", () => { this.#found.hidden = false; });
    this.element.addEventListener("focusout", (event) => {
      if (!(event.relatedTarget instanceof Node && this.element.contains(event.relatedTarget))) this.#found.hidden = true;
    });
    app.follow((change) => { if (change === "session") replace(this.#results); });
  }

  #hide(): void {
    this.#found.hidden = true;
  }

  async #run(): Promise<void> {
    this.#found.hidden = false;
    const isFound = await this.#problem.guard(async () => {
      const result = await this.#app.ask<SearchResult>("search", this.#input.value);
      if (result.kind === "request") this.#app.seek(result.op);
      if (result.kind === "id" && result.life.place) this.#app.select(result.life.place);
      if (result.kind === "address") this.#app.select(result.place);
      replace(this.#results, ...resultNodes(this.#app, result));
    });
    if (!isFound) replace(this.#results);
  }
}

/** Makes the field with its results below it. */
export function makeSearch(app: App): HTMLElement {
  return new Search(app).element;
}
