import { NO_CLASS, POOL_STATES, type Arena, type ArenaFacts, type Block, type Change, type Event, type Field, type MapArena,
  type Moment, type Place, type PoolFacts, type Session } from "../facts.ts";
import type { Picture } from "./app.ts";
import { poolOf, poolText, recordsOf, type Records } from "./records.ts";

// A field of a record that is a number; `other` where it has no value.
function numberOf(records: Records, of: Change["of"], record: string, name: string, other = 0): number {
  const value = records.get(of, record, name);
  return typeof value === "number" ? value : other;
}

const slotOf = (value: unknown): number | null => typeof value === "number" ? value : null;

function isLive(records: Records, slot: number): boolean {
  const address = records.get("arena", `arena ${slot}`, "address");
  return typeof address === "number" && numberOf(records, "arena", `arena ${slot}`, "ntotalpools") > 0;
}

// The state of a pool in the map.
function stateOf(count: number, szidx: number, session: Session): number {
  const full = session.classes[szidx]?.blocks;
  return POOL_STATES.indexOf(count === 0 ? "empty" : count === full ? "full" : "used");
}

function copied(arena: MapArena | undefined, slot: number, count: number): MapArena {
  if (!arena) {
    return { slot, count, refCount: new Uint32Array(count), szidx: new Uint16Array(count).fill(NO_CLASS),
      state: new Uint8Array(count), changed: new Uint8Array(count) };
  }
  return { slot, count, refCount: arena.refCount.slice(), szidx: arena.szidx.slice(), state: arena.state.slice(),
    changed: new Uint8Array(count) };
}

function setPool(arena: MapArena, i: number, record: string, records: Records, session: Session): void {
  if (records.get("pool", record, "ref_count") === null && records.get("pool", record, "szidx") === null) return;
  const count = numberOf(records, "pool", record, "ref_count", arena.refCount[i]);
  const szidx = numberOf(records, "pool", record, "szidx", arena.szidx[i]);
  arena.refCount[i] = count;
  arena.szidx[i] = szidx < session.classes.length ? szidx : NO_CLASS;
  arena.state[i] = stateOf(count, szidx, session);
}

function mapOf(before: Picture, records: Records, session: Session): MapArena[] {
  const old = new Map(before.map.map((arena) => [arena.slot, arena]));
  const slots = [...records.slots].filter((slot) => isLive(records, slot)).sort((one, other) => one - other);
  const map = new Map(slots.map((slot) =>
    [slot, copied(old.get(slot), slot, numberOf(records, "arena", `arena ${slot}`, "ntotalpools"))]));
  for (const record of records.pools) {
    const place = poolOf(record);
    const arena = place && map.get(place.arena);
    if (arena) setPool(arena, place.pool / session.geometry.pool_bytes, record, records, session);
  }
  return [...map.values()];
}

function freePools(records: Records, slot: number): number[] {
  return records.walk(records.get("arena", `arena ${slot}`, "freepools"), poolOf,
    (pool) => records.get("pool", poolText(pool), "nextpool")).map((pool) => pool.pool);
}

function arenaOf(map: MapArena, records: Records, old: Arena | undefined, serial: number): Arena {
  const record = `arena ${map.slot}`;
  const number = (name: string): number => numberOf(records, "arena", record, name);
  const carved = map.state.reduce((sum, state) => sum + (state > 0 ? 1 : 0), 0);
  return { slot: map.slot, address: number("address"), nfreepools: number("nfreepools"), ntotalpools: map.count,
    pools: map.refCount.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0), carved,
    nextarena: slotOf(records.get("arena", record, "nextarena")), prevarena: slotOf(records.get("arena", record, "prevarena")),
    freepools: freePools(records, map.slot), pool_address: number("pool_address"),
    state: number("nfreepools") === 0 ? "full" : "usable", serial: old?.serial ?? serial };
}

function usedPools(records: Records, session: Session): Moment["usedpools"] {
  return session.classes.map(({ szidx }) => ({ szidx, pools: records.walk<Place>(
    records.get("class", `class ${szidx}`, "nextpool"), poolOf, (pool) => records.get("pool", poolText(pool), "nextpool")) }))
    .filter(({ pools }) => pools.length > 0);
}

// A slot that was never used links to the slot after it: arenas_grow has made them so.
function unusedSlots(records: Records, slots: number): number[] {
  return records.walk(records.get("heap", "", "unused_arena_objects"), slotOf, (slot) =>
    records.get("arena", `arena ${slot}`, "nextarena") ?? (slot + 1 < slots ? slot + 1 : "-"));
}

// The fields of a struct in its order, with those that are stale in that state. A field of which nothing is known was
// never written: NULL.
function header(lines: PoolFacts["struct"]["lines"], records: Records, of: "arena" | "pool", record: string,
  changes: readonly Change[], stale: readonly string[]): Field[] {
  return lines.flatMap(({ field: name }) => name === undefined ? [] : [{ name, value: records.get(of, record, name) ?? "-",
    changed: changes.some((change) => change.of === of && change.record === record && change.name === name),
    stale: stale.includes(name) }]);
}

function namesOf(fields: readonly Field[], kind: "changed" | "stale"): string[] {
  return fields.filter((field) => field[kind]).map((field) => field.name);
}

function arenaFacts(old: ArenaFacts | null, arena: Arena | undefined, records: Records, changes: readonly Change[]): ArenaFacts | null {
  if (!arena || !old) return null;
  const fields = header(old.struct.lines, records, "arena", `arena ${arena.slot}`, changes,
    arena.state === "full" ? ["nextarena", "prevarena"] : []);
  return { ...old, ...arena, header: fields, changed: namesOf(fields, "changed"), stale: namesOf(fields, "stale") };
}

// The live block that the request makes or resizes, as it is once its event is done.
function owner(events: readonly Event[], moment: Moment, place: Place): Partial<Block> | null {
  const { request } = moment;
  const isIts = events.some((event) => (event.kind === "block_pop" || event.kind === "realloc_in_place")
    && event.place?.arena === place.arena && event.place.pool === place.pool && event.place.block === place.block);
  if (!isIts || !request) return null;
  return { id: request.id, request: request.op, ...request.bytes !== undefined && { bytes: request.bytes },
    ...request.where && { where: request.where } };
}

function blocksOf(old: PoolFacts, records: Records, szidx: number, session: Session, events: readonly Event[], moment: Moment): Block[] {
  const { bytes, blocks } = session.classes[szidx] ?? { bytes: 0, blocks: 0 };
  const known = new Map(old.blocks.map((block) => [block.offset, block]));
  const carved = numberOf(records, "pool", old.address, "nextoffset");
  return Array.from({ length: blocks }, (_, i) => {
    const offset = old.overhead + i * bytes;
    if (records.get("block", `${old.address}:${offset}`, "link") !== null) return { offset, state: "free" as const };
    if (offset >= carved) return { offset, state: "virgin" as const };
    return { ...known.get(offset), ...owner(events, moment, { ...old.place, block: offset }), offset, state: "live" as const };
  });
}

function poolFacts(old: PoolFacts | null, map: MapArena | undefined, records: Records, session: Session, events: readonly Event[],
  moment: Moment, changes: readonly Change[]): PoolFacts | null {
  if (!old || !map) return null;
  const i = old.place.pool / session.geometry.pool_bytes;
  const state = POOL_STATES[map.state[i] ?? 0] ?? "virgin";
  const szidx = map.szidx[i] ?? NO_CLASS;
  const size = session.classes[szidx];
  const fields = state === "virgin" ? [] : header(old.struct.lines, records, "pool", old.address, changes,
    state === "full" ? ["nextpool", "prevpool"] : state === "empty" ? ["prevpool"] : []);
  const first = records.get("pool", old.address, "freeblock");
  const freelist = records.walk(first, (value) => typeof value === "string" && value.startsWith(`${old.address}:`)
    ? Number(value.slice(old.address.length + 1)) : null, (offset) => records.get("block", `${old.address}:${offset}`, "link"));
  return { ...old, state, header: fields, changed: namesOf(fields, "changed"), stale: namesOf(fields, "stale"),
    szidx: size ? szidx : -1, block_bytes: size?.bytes ?? 0, waste: size?.waste ?? 0,
    blocks: state === "virgin" ? [] : blocksOf(old, records, szidx, session, events, moment), freelist: size ? freelist : [] };
}

/** The changes of events as one list: for each field its first value before and its last value after. */
export function mergedChanges(events: readonly Event[]): Change[] {
  const merged = new Map<string, Change>();
  for (const change of events.flatMap((event) => event.fields)) {
    const key = `${change.of} ${change.record} ${change.name}`;
    merged.set(key, { ...change, before: merged.get(key)?.before ?? change.before });
  }
  return [...merged.values()].filter((change) => change.before !== change.after);
}

// An arena in a slot that was used before: a field that has its old value again is in no change. A new arena consists of
// free pools.
function fillArenas(records: Records, after: Picture, session: Session): void {
  for (const slot of records.slots) {
    const record = `arena ${slot}`;
    if (typeof records.get("arena", record, "address") !== "number") continue;
    const known = after.moment.arenas.find((arena) => arena.slot === slot);
    const count = numberOf(records, "arena", record, "ntotalpools", known?.ntotalpools ?? session.geometry.pools_per_arena);
    records.set("arena", record, "ntotalpools", count);
    records.set("arena", record, "nfreepools", numberOf(records, "arena", record, "nfreepools", count));
  }
}

/**
 * The facts of `after` as they were when only some events of its request were done: the facts before the request, with
 * the changes of these events. What the request leaves alone is as before.
 */
export function applyEvents(before: Picture, after: Picture, step: number, session: Session): Picture {
  const { moment } = after;
  const events = moment.events.slice(0, step + 1);
  const changes = events.at(-1)?.fields ?? [];
  const records = recordsOf(before);
  for (const event of events) {
    records.apply(event.fields);
    fillArenas(records, after, session);
  }
  const map = mapOf(before, records, session);
  const old = new Map(before.moment.arenas.map((arena) => [arena.slot, arena]));
  const mapped = new Set(before.map.map(({ slot }) => slot));
  const listed = map.filter(({ slot }) => old.has(slot) || !mapped.has(slot));
  const arenas = listed.map((one) => arenaOf(one, records, old.get(one.slot), before.moment.stats.obtained + 1));
  const slots = numberOf(records, "heap", "", "maxarenas", Infinity);
  const shown: Moment = { ...moment, usedpools: usedPools(records, session), arenas,
    usable_arenas: records.walk(records.get("heap", "", "usable_arenas"), slotOf, (slot) => records.get("arena", `arena ${slot}`, "nextarena")),
    unused_arena_objects: unusedSlots(records, slots), stats: before.moment.stats };
  const arena = before.arena ?? after.arena;
  const pool = before.pool ?? after.pool;
  return { moment: shown, map, arena: arenaFacts(arena, arenas.find((one) => one.slot === arena?.slot), records, changes),
    pool: poolFacts(pool, map.find((one) => one.slot === pool?.place.arena), records, session, events, moment, changes) };
}
