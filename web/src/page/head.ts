import { grouped } from "../parts/amounts.ts";
import { make, replace } from "../parts/dom.ts";
import type { App, Theme } from "./app.ts";
import { makeKeys } from "./keys.ts";
import type { Shell } from "./shell.ts";

const THEMES: readonly (readonly [Theme, string])[] = [["system", "Auto"], ["light", "Light"], ["dark", "Dark"]];
const THEME_KEY = "pymalloc-theme";

// The browser may refuse to keep anything for a page that was opened from a file.
function keptTheme(): string | null {
  try {
    return localStorage.getItem(THEME_KEY);
  } catch {
    return null;
  }
}

function keepTheme(theme: Theme): void {
  try {
    localStorage.setItem(THEME_KEY, theme);
  } catch {
    return;
  }
}

function makeThemes(app: App): HTMLElement {
  const buttons = THEMES.map(([theme, text]) =>
    make("button", { type: "button", id: `theme-${theme}`, "data-theme-name": theme, onclick: () => { keepTheme(theme); app.setTheme(theme); } }, text));
  const show = (): void => {
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset["themeName"] === app.theme));
  };
  const kept = THEMES.find(([theme]) => theme === keptTheme())?.[0];
  app.setTheme(kept ?? "system");
  let shown: Theme = "system";
  window.addEventListener("beforeprint", () => {
    shown = app.theme;
    app.setTheme("light"); // paper is white
  });
  window.addEventListener("afterprint", () => { app.setTheme(shown); });
  app.follow((change) => { if (change === "theme") show(); });
  show();
  return make("div", { class: "group themes", role: "group", "aria-label": "Colours" }, ...buttons);
}

// The digest of the whole replay, which pymalloc prints natively, too. It is computed when it is asked for.
function makeDigest(app: App): HTMLElement {
  const digest = make("code", { id: "digest" });
  const button = make("button", { type: "button", class: "link", id: "digest-button", onclick: () => {
    void app.guard(app.ask<string>("digest")).then((text) => { digest.textContent = text ?? ""; });
  } }, "Digest of the replay");
  app.follow((change) => { if (change === "session") digest.textContent = ""; });
  return make("span", { class: "row" }, button, digest);
}

/** Fills the head and the foot of the page: the trace, its heap, the switch of colours, the digest. */
export function makeHead(shell: Shell, app: App): void {
  const hasTitle = document.title !== "" && document.title !== "pymalloc"; // `pymalloc html --title` has written it
  const name = make("h1", {}, "pymalloc");
  const details = make("p", { class: "faint" });
  replace(shell.title, name, details);
  shell.settings.append(makeThemes(app), makeKeys(app));
  shell.foot.append(make("span", {}, "Each state on this page is computed by the allocator itself, which is part of the page."), makeDigest(app));
  app.follow((change) => {
    const { session } = app;
    if (change !== "session" || !session) return;
    name.textContent = session.name;
    if (!hasTitle) document.title = `${session.name} · pymalloc`;
    details.textContent = `${grouped(session.requests)} requests · profile ${session.geometry.name}`;
  });
}
