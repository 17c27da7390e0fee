import assert from "node:assert/strict";
import { after, test } from "node:test";
import { readMap, type ArenaFacts, type Moment, type PoolFacts, type Session } from "../src/facts.ts";
import type { Picture } from "../src/page/app.ts";
import { applyEvents, mergedChanges } from "../src/page/apply.ts";
import { readPlace, type Selection } from "../src/page/link.ts";
import { openNativeEngine } from "./native.ts";

const engine = openNativeEngine();
after(() => { engine.stop(); });

async function picture(session: Session, op: number, { arena, pool }: Selection): Promise<Picture> {
  const handle = session.session;
  const moment = await engine.call<Moment>("seek", handle, op);
  const isThere = moment.arenas.some(({ slot }) => slot === arena);
  return { moment, map: readMap(await engine.bytes("map", handle)),
    arena: isThere ? await engine.call<ArenaFacts>("arena", handle, arena ?? 0) : null,
    pool: isThere ? await engine.call<PoolFacts>("pool", handle, arena ?? 0, pool ?? 0) : null };
}

// What pictures draw, without the marks of what has changed.
function drawn({ moment, map, arena, pool }: Picture): unknown {
  const fields = (header: PoolFacts["header"]): unknown => header.map(({ name, value, stale }) => ({ name, value, stale }));
  return {
    lists: [moment.usable_arenas, moment.unused_arena_objects, moment.usedpools], arenas: moment.arenas,
    map: map.map(({ slot, count, refCount, szidx, state }) => [slot, count, [...refCount], [...szidx], [...state]]),
    arena: arena && fields(arena.header),
    pool: pool && { ...pool, header: fields(pool.header), changed: [], struct: [] },
  };
}

const OF_EACH_KIND = 3;

// The first requests with events of each kind.
async function chosenOps(session: Session): Promise<number[]> {
  const ops = new Set<number>();
  for (const { name, detail } of session.kinds) {
    if (detail) continue;
    await engine.call("seek", session.session, session.from);
    for (let i = 0; i < OF_EACH_KIND; i++) {
      const moment = await engine.call<Moment | null>("continue", session.session, name, 1);
      if (!moment) break;
      ops.add(moment.op);
    }
  }
  return [...ops];
}

// The changes by which the facts before a request become those after it are those of all of its events.
async function compare(session: Session): Promise<number> {
  let compared = 0;
  for (const op of await chosenOps(session)) {
    const { request, events, left_out } = await engine.call<Moment>("seek", session.session, op);
    const places: Selection[] = events.flatMap((event) => event.place ? [event.place] : []);
    const selection = places.at(-1) ?? readPlace(request?.address ?? "") ?? {};
    const end = await picture(session, op, selection);
    const before = await picture(session, op - 1, selection);
    if (left_out > 0) continue; // the events are not all there
    const shown = applyEvents(before, end, events.length - 1, session);
    assert.deepEqual(drawn(shown), drawn(end), `request ${op}: ${request?.text ?? ""}`);
    assert.deepEqual(drawn(applyEvents(before, end, 0, session)), drawn(before), `before request ${op}`);
    compared++;
  }
  return compared;
}

for (const profile of ["3.6", "3.11", "classroom"]) {
  test(`all events of a request make its end of its begin, in @startup with profile ${profile}`, async () => {
    const session = await engine.call<Session>("open", "@startup", { geometry: { profile }, to: profile === "classroom" ? 4000 : 43354 });
    assert.ok(await compare(session) > 20);
  });
}

test("changes of one field are merged, and a field that has its old value again has not changed", () => {
  const change = (name: string, before: number, now: number): Moment["events"][number]["fields"][number] =>
    ({ of: "pool", record: "0:0", name, before, after: now });
  const event = (n: number, ...fields: Moment["events"][number]["fields"]): Moment["events"][number] =>
    ({ n, kind: "block_pop", text: "", place: null, arena: null, detail: false, fields });
  assert.deepEqual(mergedChanges([event(0, change("a", 1, 2), change("b", 1, 2)), event(1, change("a", 2, 3), change("b", 2, 1))]),
    [change("a", 1, 3)]);
});
