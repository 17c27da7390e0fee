import { grouped } from "../parts/amounts.ts";
import { make, replace } from "../parts/dom.ts";
import type { Geometry, OpenOptions, Session } from "../facts.ts";
import type { App } from "../page/app.ts";
import { makeProblem, sentenceOf, type Problem } from "./problem.ts";

/** Options of a heap, by their names. */
export type HeapOptions = NonNullable<OpenOptions["geometry"]>;

const SIZES = ["alignment", "threshold", "pool_bytes", "arena_bytes"] as const;
type Size = typeof SIZES[number];
const LABELS: Record<Size, string> = { alignment: "Alignment", threshold: "Threshold", pool_bytes: "Pool bytes", arena_bytes: "Arena bytes" };
const RELEASE = ["at_once", "keep_last", "never"] as const;

/** The options that make a heap of this geometry again. */
export function optionsOf(geometry: Geometry): HeapOptions {
  return { profile: geometry.profile, alignment: geometry.alignment, threshold: geometry.threshold,
    pool_bytes: geometry.pool_bytes, arena_bytes: geometry.arena_bytes, arena_offset: geometry.arena_offset, release: geometry.release };
}

/** The options that the fields state. An empty field leaves the value to the profile; text that is not a number goes to the library as it is. */
export function readOptions(fields: Readonly<Record<string, string>>): HeapOptions {
  const options: HeapOptions = {};
  for (const [name, text] of Object.entries(fields)) {
    const value = text.trim();
    if (value === "") continue;
    options[name] = name !== "profile" && name !== "release" && /^\d{1,15}$/.test(value) ? Number(value) : value;
  }
  return options;
}

/** The field that a sentence of the library is about: the first one that it names. */
export function fieldOf(sentence: string, names: readonly string[]): string | null {
  const places = names.map((name) => ({ name, at: sentence.search(new RegExp(`\\b${name}\\b`)) }));
  return places.filter((place) => place.at >= 0).sort((one, other) => one.at - other.at)[0]?.name ?? null;
}

interface Field {
  readonly control: HTMLInputElement | HTMLSelectElement;
  readonly problem: Problem;
}

/** The controls of a geometry, with the sentence of the library beside the one that it refuses. */
export class GeometryForm {
  readonly element: HTMLElement;
  readonly #app: App;
  readonly #fields = new Map<string, Field>();
  readonly #problem = makeProblem();
  #checks = 0;

  constructor(app: App, label: string) {
    this.#app = app;
    const rows = [this.#add("profile", "Profile", make("select")),
      ...SIZES.map((name) => this.#add(name, LABELS[name], make("input", { type: "text", inputmode: "numeric", class: "number", spellcheck: "false" }))),
      this.#add("release", "Release of arenas", make("select", {}, make("option", { value: "" }, "as the profile"),
        ...RELEASE.map((rule) => make("option", { value: rule }, rule))))];
    this.element = make("div", { class: "geometry", role: "group", "aria-label": label }, ...rows, this.#problem.element);
    app.follow((change) => { if (change === "session" && app.session) this.#fill(app.session); });
  }

  /** The options that are chosen. */
  options(): HeapOptions {
    return readOptions(Object.fromEntries([...this.#fields].map(([name, field]) => [name, field.control.value])));
  }

  /** The geometry of the chosen options, or null if the library refuses them: its sentence is then shown. */
  async check(): Promise<Geometry | null> {
    const number = ++this.#checks;
    const { engine } = this.#app;
    try {
      const geometry = await engine.call<Geometry>("checkGeometry", this.options());
      if (number === this.#checks) this.#accept(geometry);
      return geometry;
    } catch (error) {
      if (number === this.#checks) this.#refuse(error);
      return null;
    }
  }

  #add(name: string, label: string, control: HTMLInputElement | HTMLSelectElement): HTMLElement {
    const problem = makeProblem();
    this.#fields.set(name, { control, problem });
    for (const event of ["input", "change"]) control.addEventListener(event, () => { void this.check(); });
    return make("div", { class: "field" }, make("label", {}, make("span", {}, label), control), problem.element);
  }

  #fill(session: Session): void {
    const profile = this.#fields.get("profile")?.control;
    if (!profile || profile.childElementCount > 0) return;
    replace(profile, ...session.profiles.map(({ name, note }) => make("option", { value: name, selected: name === session.geometry.profile },
      note === "" ? name : `${name} (${note})`)));
    void this.check();
  }

  #clear(): void {
    this.#problem.clear();
    for (const { control, problem } of this.#fields.values()) {
      control.removeAttribute("aria-invalid");
      problem.clear();
    }
  }

  // Empty fields show the values that the profile gives them.
  #accept(geometry: Geometry): void {
    this.#clear();
    for (const name of SIZES) {
      const control = this.#fields.get(name)?.control;
      if (control instanceof HTMLInputElement) control.placeholder = grouped(geometry[name]);
    }
  }

  #refuse(error: unknown): void {
    this.#clear();
    const name = fieldOf(sentenceOf(error), [...this.#fields.keys()]);
    const field = name === null ? undefined : this.#fields.get(name);
    field?.control.setAttribute("aria-invalid", "true");
    (field?.problem ?? this.#problem).show(error);
  }
}
