import { bytesText, grouped } from "../parts/amounts.ts";
import { make, replace, type Child } from "../parts/dom.ts";
import type { BlockLife, Hit, SearchResult } from "../facts.ts";
import type { Host } from "./host.ts";
import { placeLink, requestLink, whereText } from "./links.ts";
import { makeProblem } from "./problem.ts";

const ROWS = 100;

function paragraph(...children: Child[]): HTMLElement {
  return make("p", {}, ...children);
}

function leftOut(count: number): HTMLElement | null {
  return count > 0 ? make("p", { class: "faint" }, `${grouped(count)} more not listed.`) : null;
}

function lifeNodes(host: Host, life: BlockLife): Child[] {
  const now = life.live
    ? paragraph(`Block ${life.id} is live: ${bytesText(Number(life.bytes ?? 0))} at `,
      placeLink(host, life.address ?? "raw", life.place), life.where ? ` (${whereText(life.where)})` : null, ".")
    : paragraph(life.requests.length > 0 ? `Block ${life.id} is not live now.` : `No request of the trace has the id ${life.id}.`);
  const requests = life.requests.slice(0, ROWS).map((request) =>
    make("li", {}, requestLink(host, request.op), " ", make("code", {}, request.text)));
  return [now, make("ul", { class: "hits" }, ...requests), leftOut(life.left_out + Math.max(0, life.requests.length - ROWS))];
}

function hitNode(host: Host, label: string, hit: Hit | null): HTMLElement {
  return hit ? paragraph(`${label}: `, requestLink(host, hit.op), " ", make("code", {}, hit.text)) : paragraph(`${label}: none.`);
}

function sizeNodes(host: Host, result: Extract<SearchResult, { kind: "size" }>): Child[] {
  const blocks = result.blocks.slice(0, ROWS).map((block) => make("li", {}, `id ${block.id} at `,
    placeLink(host, block.address, block.place), ", ", requestLink(host, block.request)));
  return [hitNode(host, `Next request of ${grouped(result.bytes)} bytes`, result.next), hitNode(host, "Previous one", result.previous),
    paragraph(`Live blocks of ${grouped(result.bytes)} bytes now: ${grouped(result.blocks.length + result.left_out)}.`),
    make("ul", { class: "hits" }, ...blocks), leftOut(result.left_out + Math.max(0, result.blocks.length - ROWS))];
}

function addressNodes(host: Host, result: Extract<SearchResult, { kind: "address" }>): Child[] {
  const parts = { header: "in the header of pool", block: "in a block of pool", waste: "behind the last block of pool",
    virgin: "in a pool that was not carved yet,", arena: "in the arena, in no pool," };
  return [paragraph(`The address lies ${parts[result.part]} `, placeLink(host, result.address, result.place), "."),
    ...(result.owner ? lifeNodes(host, result.owner) : [])];
}

/** The result of a search as nodes. */
export function resultNodes(host: Host, result: SearchResult): Child[] {
  switch (result.kind) {
    case "id": return lifeNodes(host, result.life);
    case "size": return sizeNodes(host, result);
    case "address": return addressNodes(host, result);
    case "mark": return [make("ul", { class: "hits" }, ...result.marks.map((mark) =>
      make("li", {}, requestLink(host, mark.op), ` ${mark.text}`)))];
    case "request": return [paragraph("Gone to ", requestLink(host, result.op), ".")];
    case "none": return [paragraph(result.text)];
  }
}

/** The tool that finds a block by its id, its size, or an address; a request; a mark. */
export function makeSearch(host: Host): HTMLElement {
  const problem = makeProblem();
  const results = make("div", { class: "results", "aria-live": "polite" });
  const input = make("input", { type: "search", "aria-label": "Search", placeholder: "id 7, size 48, 0:4096:48, request 1200", spellcheck: "false" });
  const search = async (): Promise<void> => {
    if (!host.session) return;
    const result = await host.engine.call<SearchResult>("search", host.session.session, input.value);
    if (result.kind === "request") host.seek(result.op);
    if (result.kind === "id" && result.life.place) host.select(result.life.place);
    if (result.kind === "address") host.select(result.place);
    replace(results, ...resultNodes(host, result));
  };
  const form = make("form", { class: "row", role: "search", onsubmit: (event) => {
    event.preventDefault();
    void problem.guard(search).then((found) => { if (!found) replace(results); });
  } }, input, make("button", { type: "submit" }, "Search"));
  return make("div", { class: "tool search" }, form, make("p", { class: "faint hint" },
    "An id (“id 7”), a size (“size 48”), an address (“0:4096:48” is arena 0, pool 4096, block 48), a request, or the text of a mark."),
    problem.element, results);
}
