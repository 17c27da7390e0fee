import { bytesText } from "../parts/amounts.ts";
import { make, replace } from "../parts/dom.ts";
import type { Condition, EventKind, Session } from "../facts.ts";
import type { App } from "../page/app.ts";

const MARK = "mark:";

/** The condition that the two choices state: a kind of event, perhaps of one size class, or a mark. */
export function conditionOf(kind: string, szidx: string): Condition {
  if (kind.startsWith(MARK)) return { mark: kind === MARK ? true : kind.slice(MARK.length) };
  return szidx === "" ? kind : { kind, class: Number(szidx) };
}

function kindOptions(kinds: readonly EventKind[]): HTMLElement[] {
  const group = (label: string, isDetail: boolean): HTMLElement => make("optgroup", { label },
    ...kinds.filter((kind) => kind.detail === isDetail).map((kind) => make("option", { value: kind.name, title: kind.meaning }, kind.name)));
  return [group("Events", false), group("Details", true)];
}

function markOptions(session: Session): HTMLElement[] {
  const texts = [...new Set(session.marks.map((mark) => mark.text))];
  if (texts.length === 0) return [];
  return [make("optgroup", { label: "Marks of the trace" }, make("option", { value: MARK }, "any mark"),
    ...texts.map((text) => make("option", { value: MARK + text }, text)))];
}

/** The tool that goes to the next or the previous request with an event of a kind. */
export function makeConditions(app: App): HTMLElement {
  const meaning = make("p", { class: "faint hint" });
  const kind = make("select", { "aria-label": "Kind of event" });
  const szidx = make("select", { "aria-label": "Size class" });
  const explain = (): void => {
    szidx.disabled = kind.value.startsWith(MARK);
    meaning.textContent = app.session?.kinds.find((one) => one.name === kind.value)?.meaning
      ?? "The last request before a mark of the recorded program.";
  };
  const go = (direction: 1 | -1): void => { app.continue(conditionOf(kind.value, szidx.value), direction); };
  kind.addEventListener("change", explain);
  app.follow((change) => {
    const { session } = app;
    if (change !== "session" || !session) return;
    const chosen = kind.value;
    replace(kind, ...kindOptions(session.kinds), ...markOptions(session));
    if (chosen !== "") kind.value = chosen;
    replace(szidx, make("option", { value: "" }, "any size class"), ...session.classes.map((one) =>
      make("option", { value: one.szidx }, `class ${one.szidx}: ${bytesText(one.bytes)}`)));
    explain();
  });
  return make("div", { class: "tool conditions" }, make("div", { class: "row" }, kind, szidx,
    make("button", { type: "button", onclick: () => { go(-1); } }, "◀ Previous"),
    make("button", { type: "button", onclick: () => { go(1); } }, "Next ▶")), meaning);
}
