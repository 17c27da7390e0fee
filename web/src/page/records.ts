import type { Change, FieldValue, Place } from "../facts.ts";
import type { Picture } from "./app.ts";

/** The fields of a heap that events change, each under the kind and the name of its record. */
export class Records {
  readonly #fields = new Map<string, Map<string, FieldValue>>();
  /** Slots of arenas that the heap has or had, and pools of which fields are known. */
  readonly slots = new Set<number>();
  readonly pools = new Set<string>();

  get(of: Change["of"], record: string, name: string): FieldValue {
    return this.#fields.get(`${of} ${record}`)?.get(name) ?? null;
  }

  set(of: Change["of"], record: string, name: string, value: FieldValue): void {
    const key = `${of} ${record}`;
    let fields = this.#fields.get(key);
    if (!fields) this.#fields.set(key, fields = new Map<string, FieldValue>());
    fields.set(name, value);
    if (of === "arena") this.slots.add(Number(record.slice("arena ".length)));
    if (of === "pool") this.pools.add(record);
  }

  apply(changes: readonly Change[]): void {
    for (const { of, record, name, after } of changes) this.set(of, record, name, after);
  }

  /** A list: from the field `head`, each element names the next one. It ends at a value that names no element, or an element that was named before. */
  walk<Element>(head: FieldValue, element: (value: FieldValue) => Element | null, next: (element: Element) => FieldValue): Element[] {
    const list: Element[] = [];
    const seen = new Set<FieldValue>();
    for (let value = head; !seen.has(value);) {
      seen.add(value);
      const one = element(value);
      if (one === null) break;
      list.push(one);
      value = next(one);
    }
    return list;
  }
}

/** The text of a pool, as events have it. */
export function poolText(place: Place): string {
  return `${place.arena}:${place.pool}`;
}

/** The pool that a value names; null for NULL, a ring's header, or no value. */
export function poolOf(value: FieldValue): Place | null {
  const [arena, pool] = typeof value === "string" ? value.split(":") : [];
  return arena === undefined || pool === undefined ? null : { arena: Number(arena), pool: Number(pool) };
}

// The lists of a large heap are shortened. Of the arenas that they leave out only the map tells.
function addUnlisted({ moment, map }: Picture, records: Records): void {
  const listed = new Set(moment.arenas.map(({ slot }) => slot));
  for (const { slot, count } of map) {
    if (listed.has(slot)) continue;
    records.set("arena", `arena ${slot}`, "address", 0);
    records.set("arena", `arena ${slot}`, "ntotalpools", count);
  }
}

function addArenas({ moment }: Picture, records: Records): void {
  const { usable_arenas: usable, unused_arena_objects: unused } = moment;
  records.set("heap", "", "usable_arenas", usable[0] ?? "-");
  records.set("heap", "", "unused_arena_objects", unused[0] ?? "-");
  unused.forEach((slot, i) => { records.set("arena", `arena ${slot}`, "nextarena", unused[i + 1] ?? "-"); });
  for (const arena of moment.arenas) {
    const record = `arena ${arena.slot}`;
    for (const name of ["address", "pool_address", "nfreepools", "ntotalpools"] as const) records.set("arena", record, name, arena[name]);
    records.set("arena", record, "nextarena", arena.nextarena ?? "-");
    records.set("arena", record, "prevarena", arena.prevarena ?? "-");
    const pools = arena.freepools.map((pool) => poolText({ arena: arena.slot, pool }));
    records.set("arena", record, "freepools", pools[0] ?? "-");
    pools.forEach((pool, i) => { records.set("pool", pool, "nextpool", pools[i + 1] ?? "-"); });
  }
}

function addRings({ moment }: Picture, records: Records): void {
  for (const { szidx, pools } of moment.usedpools) {
    const header = `class ${szidx}`;
    const names = [header, ...pools.map(poolText), header];
    names.slice(0, -1).forEach((name, i) => {
      records.set(i === 0 ? "class" : "pool", name, "nextpool", names[i + 1] ?? header);
      records.set(i === 0 ? "class" : "pool", name, "prevpool", names[i === 0 ? names.length - 2 : i - 1] ?? header);
    });
  }
}

function addPool({ arena, pool }: Picture, records: Records): void {
  if (arena) for (const { name, value } of arena.header) records.set("arena", `arena ${arena.slot}`, name, value);
  if (!pool) return;
  for (const { name, value } of pool.header) records.set("pool", pool.address, name, value);
  pool.freelist.forEach((offset, i) => {
    const next = pool.freelist[i + 1];
    records.set("block", `${pool.address}:${offset}`, "link", next === undefined ? "-" : `${pool.address}:${next}`);
  });
}

/** The fields that the facts of a moment tell. */
export function recordsOf(picture: Picture): Records {
  const records = new Records();
  addUnlisted(picture, records);
  addArenas(picture, records);
  addRings(picture, records);
  addPool(picture, records);
  return records;
}
