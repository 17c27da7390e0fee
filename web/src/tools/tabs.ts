import { make } from "../parts/dom.ts";

/** A tab with its panel. */
export interface Tab {
  readonly name: string;
  readonly title: string;
  readonly panel: HTMLElement;
}

/** A row of tabs. */
export interface Tabs {
  readonly element: HTMLElement;
  /** Shows the panel of a name. */
  show(name: string): void;
}

/** The number of the tab to which a key goes from another; null for other keys. */
export function tabAfter(key: string, current: number, count: number): number | null {
  switch (key) {
    case "ArrowRight": return (current + 1) % count;
    case "ArrowLeft": return (current + count - 1) % count;
    case "Home": return 0;
    case "End": return count - 1;
    default: return null;
  }
}

/** Makes tabs, of which the first is shown. The arrows go from tab to tab, as readers of the ARIA pattern expect. */
export function makeTabs(label: string, tabs: readonly Tab[]): Tabs {
  const buttons = tabs.map((tab) => make("button", { type: "button", role: "tab", id: `tab-${tab.name}`,
    "aria-controls": `panel-${tab.name}`, onclick: () => { show(tab.name); } }, tab.title));
  const show = (name: string): void => {
    tabs.forEach((tab, i) => {
      const isShown = tab.name === name;
      buttons[i]?.setAttribute("aria-selected", String(isShown));
      buttons[i]?.setAttribute("tabindex", isShown ? "0" : "-1");
      tab.panel.hidden = !isShown;
    });
  };
  for (const tab of tabs) {
    tab.panel.id = `panel-${tab.name}`;
    tab.panel.setAttribute("role", "tabpanel");
    tab.panel.setAttribute("aria-labelledby", `tab-${tab.name}`);
  }
  const list = make("div", { class: "tabs", role: "tablist", "aria-label": label }, ...buttons);
  list.addEventListener("keydown", (event) => {
    const current = buttons.findIndex((button) => button === document.activeElement);
    const next = tabAfter(event.key, current, tabs.length);
    const tab = next === null ? undefined : tabs[next];
    if (next === null || !tab) return;
    event.preventDefault();
    event.stopPropagation();
    show(tab.name);
    buttons[next]?.focus();
  });
  show(tabs[0]?.name ?? "");
  return { element: make("div", {}, list, ...tabs.map((tab) => tab.panel)), show };
}
