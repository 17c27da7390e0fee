import { mountTimeline } from "../timeline/mount.ts";
import { mountTools } from "../tools/tools.ts";
import { mountClock } from "./clock.ts";
import { mountLists } from "./lists.ts";
import { mountMap } from "./map.ts";
import { mountRequest } from "./request.ts";
import { mountStruct } from "./struct.ts";
import type { Mount, RegionName } from "./shell.ts";

/** The parts that fill the regions, in the order in which they are mounted. */
export const PARTS: readonly (readonly [RegionName, Mount])[] = [
  ["timeline", mountTimeline],
  ["tools", mountTools],
  ["clock", mountClock],
  ["map", mountMap],
  ["request", mountRequest],
  ["struct", mountStruct],
  ["lists", mountLists],
];
