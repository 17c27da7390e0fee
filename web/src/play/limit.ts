import { make } from "../parts/dom.ts";
import type { Store } from "./store.ts";

/** A choice of the seconds after which a statement is stopped. */
export function limitChoice(store: Store): HTMLElement {
  const choices = [...new Set([2, 10, 60, 600, store.kept.seconds])].sort((a, b) => a - b);
  const select = make("select", { id: "limit" }, ...choices.map((seconds) =>
    make("option", { value: seconds, selected: seconds === store.kept.seconds }, `${seconds} s`)));
  select.addEventListener("change", () => { store.change((kept) => { kept.seconds = Number(select.value); }); });
  return make("label", { class: "row" }, "Stop a statement after", select);
}
