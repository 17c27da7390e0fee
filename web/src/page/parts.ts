import type { Mount, RegionName } from "./shell.ts";

/** What fills the regions, in the order in which it is mounted. */
export const PARTS: readonly (readonly [RegionName, Mount])[] = [
];
