import { mountTimeline } from "../timeline/mount.ts";
import { mountTools } from "../tools/tools.ts";
import { mountMap } from "./map.ts";
import type { Mount, RegionName } from "./shell.ts";

/** What fills the regions, in the order in which it is mounted. */
export const PARTS: readonly (readonly [RegionName, Mount])[] = [
  ["timeline", mountTimeline],
  ["tools", mountTools],
  ["map", mountMap],
];
