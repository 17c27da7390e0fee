/**
 * The facts that the Lua module pymalloc.page states, as they arrive as JSON: each type is the result
 * of the function of its name.
 *
 * Bytes are numbers of bytes. Offsets are bytes: of a pool from the first pool of its arena, of
 * a block from the beginning of its pool. Slots are indices in CPython's `arenas` vector.
 */
export * from "./facts/values.ts";
export * from "./facts/session.ts";
export * from "./facts/moment.ts";
export * from "./facts/map.ts";
export * from "./facts/records.ts";
export * from "./facts/search.ts";

/*
 * The functions of pymalloc.page, for Engine.call (map, look and show: Engine.bytes):
 *
 *   open(path, options?) -> Session          openText(text, options?) -> Session
 *   reopen(session, options) -> Session      the same trace with other options, not read again; it
 *                                            has the typed requests too, and is at the same moment
 *   close(session) -> null
 *   timeline(session, points, from?, to?) -> Timeline   both ends are points
 *   digest(session) -> Digest                checkGeometry(options) -> Geometry, or says what is wrong
 *   seek(session, op) -> Moment              step(session, n) -> Moment, n may be negative
 *   continue(session, condition, 1 | -1) -> Moment | null   null: there is none; nothing moves
 *   moment(session) -> Moment                hash(session) -> 16 digits: the state of the heap now
 *   map(session) -> bytes, for readMap
 *   look(session, slot | null, offset | null) -> bytes, for readLook: the map with an arena and a pool
 *   show(session, name, arguments, follows, slot | null, offset | null) -> bytes, for readShown: calls a function that
 *                                            returns a Moment, with what look returns; if `follows`, of the
 *                                            pool in which the request has made or freed its block
 *   arena(session, slot) -> ArenaFacts       pool(session, slot, offset) -> PoolFacts
 *   block(session, id) -> BlockLife          lastWrite(session, record, field) -> LastWrite | null
 *   search(session, text) -> SearchResult
 *   pins(session, slot?) -> Pins             whatIf(session, id) -> WhatIf
 *   append(session, line) -> Moment          undo(session) -> Moment
 *   text(session) -> string                  the trace up to the end of the clock, as text
 *   convert(path) -> Converted               profiles() -> ProfileName[]
 *   svg(session), snapshot(session) -> string   the moment as a picture and as JSON, to be saved
 *   dump(session) -> string                  the heap as text, as heap:dump of the library returns it
 */
