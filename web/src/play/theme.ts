import { make } from "../parts/dom.ts";
import type { Store, Theme } from "./store.ts";

function apply(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}

/** A choice of the theme: as the system has it, light or dark. */
export function themeChoice(store: Store): HTMLElement {
  apply(store.kept.theme);
  const themes: readonly (readonly [Theme, string])[] = [["system", "As the system"], ["light", "Light"], ["dark", "Dark"]];
  const select = make("select", { id: "theme" }, ...themes.map(([value, words]) =>
    make("option", { value, selected: value === store.kept.theme }, words)));
  select.addEventListener("change", () => {
    const theme = themes.find(([value]) => value === select.value)?.[0] ?? "system";
    store.change((kept) => { kept.theme = theme; });
    apply(theme);
  });
  return make("label", { class: "row" }, "Colours", select);
}
