/** The parts of the playground. */
export const TABS = ["prompt", "lessons", "examples", "reference"] as const;

/** A part of the playground. */
export type Tab = (typeof TABS)[number];

/** The place in the page that a link such as #lesson=3 names: a tab, and what is shown in it. */
export function placeOf(hash: string): { tab: Tab; what: string } {
  const [name = "", what = ""] = hash.replace(/^#/, "").split("=", 2);
  let decoded = what;
  try { decoded = decodeURIComponent(what); } catch { /* not encoded */ }
  const tab = TABS.find((one) => one === name || one === `${name}s`) ?? "prompt";
  return { tab, what: decoded };
}
