import type { Big } from "../facts.ts";

/** An arena, a pool or a block; {} is the whole heap. */
export interface Selection {
  readonly arena?: number;
  readonly pool?: number;
  readonly block?: number;
}

/** What the map shows: the heap, or what is selected. */
export const VIEWS = ["heap", "arena", "pool", "block"] as const;
export type View = (typeof VIEWS)[number];

/** The contents of a link. A part that it leaves out is as the page has it at first. */
export interface Link {
  op?: number;
  /** The last event of the request that is done; without it, all are. */
  step?: number;
  selection?: Selection;
  /** Without it: what is selected. */
  view?: View;
  /** Options of the heap that differ from those of the page. */
  geometry: Record<string, string | number>;
  /** Options of a second heap beside the first; null: there is none. */
  compare?: Record<string, string | number> | null;
}

/** A link, and a sentence for each part of it that has no meaning. */
export interface ReadLink {
  link: Link;
  problems: string[];
}

const PLACES = { arena: 1, pool: 2, block: 3 } as const;
const NUMBERS = ["alignment", "threshold", "pool_bytes", "arena_bytes", "arena_offset", "max_arenas"];
const WORDS = ["profile", "release"];
const OPTIONS: readonly string[] = [...WORDS, ...NUMBERS];
const NO_HEAP = "none";

function quoted(text: string): string {
  return `“${text.length > 40 ? `${text.slice(0, 40)}…` : text}”`;
}

function whole(text: string): number | null {
  return /^\d{1,15}$/.test(text) ? Number(text) : null;
}

/** The place that a text such as "0:4096:48" names, of one to three numbers; null for another text. */
export function readPlace(text: string): Selection | null {
  const numbers = text.split(":").map(whole);
  const [arena, pool, block] = numbers;
  if (numbers.length > 3 || numbers.includes(null) || arena === undefined || arena === null) return null;
  if (pool === undefined || pool === null) return { arena };
  return block === undefined || block === null ? { arena, pool } : { arena, pool, block };
}

/** The text of a place: "0", "0:4096" or "0:4096:48"; "" for the heap. */
export function placeText(place: Selection): string {
  return [place.arena, place.pool, place.block].filter((part) => part !== undefined).join(":");
}

// Sets a part of the link; false: the value has no meaning.
function setPart(link: Link, name: string, value: string): boolean {
  if (name === "op" || name === "step") {
    const number = whole(value);
    if (number !== null) link[name] = number;
    return number !== null;
  }
  if (name === "arena" || name === "pool" || name === "block") {
    const place = readPlace(value);
    if (!place || Object.keys(place).length !== PLACES[name]) return false;
    link.selection = place;
    return true;
  }
  if (name === "view") {
    const view = VIEWS.find((known) => known === value);
    if (view) link.view = view;
    return view !== undefined;
  }
  const compared = comparedOption(name);
  if (compared === null) return setOption(link.geometry, name, value);
  if (compared === "profile" && value === NO_HEAP) {
    link.compare = null;
    return true;
  }
  const options = { ...link.compare };
  if (!setOption(options, compared, value)) return false;
  link.compare = options;
  return true;
}

function setOption(options: Record<string, string | number>, name: string, value: string): boolean {
  const number = whole(value);
  if (value === "" || (NUMBERS.includes(name) && number === null)) return false;
  options[name] = NUMBERS.includes(name) ? number ?? 0 : value;
  return true;
}

// The option of the second heap that a part of a link names; null: another part. Its profile is "compare", and an option such
// as pool_bytes is "compare-pool_bytes".
function comparedOption(name: string): string | null {
  if (name === "compare") return "profile";
  const [, option = ""] = /^compare-(.*)$/.exec(name) ?? [];
  return option !== "profile" && OPTIONS.includes(option) ? option : null;
}

function isKnown(name: string): boolean {
  return name in PLACES || ["op", "step", "view", ...OPTIONS].includes(name) || comparedOption(name) !== null;
}

/** Reads the part of an address behind "#": "op=1234&pool=0:4096&profile=3.11&step=2". */
export function readLink(hash: string): ReadLink {
  const link: Link = { geometry: {} };
  const problems: string[] = [];
  for (const [name, value] of new URLSearchParams(hash.replace(/^#/, ""))) {
    if (!isKnown(name)) problems.push(`The link has a part ${quoted(name)}, which this page does not know.`);
    else if (!setPart(link, name, value)) problems.push(`The link's ${name} cannot be ${quoted(value)}.`);
  }
  return { link, problems };
}

/** The view that shows what is selected. */
export function viewOf({ arena, pool, block }: Selection): View {
  return block !== undefined ? "block" : pool !== undefined ? "pool" : arena !== undefined ? "arena" : "heap";
}

/** Writes a link, the opposite of readLink. */
export function writeLink(link: Link): string {
  const parts: [string, Big][] = [];
  if (link.op !== undefined) parts.push(["op", link.op]);
  const { selection = {} } = link;
  const name = selection.block !== undefined ? "block" : selection.pool !== undefined ? "pool" : "arena";
  if (selection.arena !== undefined) parts.push([name, placeText(selection)]);
  for (const option of OPTIONS) {
    const value = link.geometry[option];
    if (value !== undefined) parts.push([option, value]);
  }
  if (link.compare === null) parts.push(["compare", NO_HEAP]);
  for (const option of OPTIONS) {
    const value = link.compare?.[option];
    if (value !== undefined) parts.push([option === "profile" ? "compare" : `compare-${option}`, value]);
  }
  if (link.view !== undefined) parts.push(["view", link.view]);
  if (link.step !== undefined) parts.push(["step", link.step]);
  return parts.map(([key, value]) => `${key}=${encodeURIComponent(String(value)).replaceAll("%3A", ":")}`).join("&");
}
