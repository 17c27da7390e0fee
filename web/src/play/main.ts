// The playground: makes the engines of the parts in the page, and starts the application.

import { openEngine, type Engine } from "../engine/client.ts";
import { make, replace } from "../parts/dom.ts";
import { App } from "./app.ts";
import { browserStorage, Store } from "./store.ts";

function part(id: string): string {
  return document.getElementById(id)?.textContent.trim() ?? "";
}

function open(): Promise<Engine> {
  return openEngine({ core: part("pymalloc-core"), library: part("pymalloc-library") });
}

async function start(): Promise<void> {
  const root = document.getElementById("playground");
  if (!root) throw new Error("the page has no element for the playground");
  try {
    await new App(root, new Store(browserStorage()), open, open).start();
    document.documentElement.dataset["ready"] = "true";
  } catch (error) {
    document.documentElement.dataset["ready"] = "failed";
    replace(root, make("p", { class: "alert", role: "alert" }, "The playground cannot start: "
      + (error instanceof Error ? error.message : String(error))));
  }
}

void start();
