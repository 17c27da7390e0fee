// What the playground keeps from one visit to the next, in the storage of the browser.

/** The theme of the page: that of the system, or one that was chosen. */
export type Theme = "system" | "light" | "dark";

/** What is kept. */
export interface Kept {
  /** How far each lesson is, by its number: "12", "12 exercise" or "done". */
  progress: Record<string, string>;
  /** The text of the answer to each exercise, by the number of the lesson. */
  answers: Record<string, string>;
  history: string[];
  theme: Theme;
  /** After this many seconds a statement is stopped. */
  seconds: number;
}

/** The part of localStorage that is used. */
export interface Storage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

const KEY = "pymalloc.playground";
const MOST_HISTORY = 200;
const MOST_SECONDS = 600;

function fresh(): Kept {
  return { progress: {}, answers: {}, history: [], theme: "system", seconds: 10 };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

// The texts of a record whose keys are numbers of lessons.
function textsOf(value: unknown): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [key, text] of isRecord(value) ? Object.entries(value) : []) {
    if (/^\d{1,2}$/.test(key) && typeof text === "string") texts[key] = text;
  }
  return texts;
}

// Reads what was kept. Parts that have another form are left out.
function read(text: string): Kept {
  const kept = fresh();
  const value: unknown = JSON.parse(text);
  if (!isRecord(value)) throw new Error("The file is not one that this page has saved.");
  kept.progress = textsOf(value["progress"]);
  kept.answers = textsOf(value["answers"]);
  if (Array.isArray(value["history"])) {
    kept.history = value["history"].filter((line) => typeof line === "string").slice(-MOST_HISTORY);
  }
  const theme = value["theme"], seconds = value["seconds"];
  if (theme === "light" || theme === "dark") kept.theme = theme;
  if (typeof seconds === "number" && seconds >= 1 && seconds <= MOST_SECONDS) kept.seconds = Math.floor(seconds);
  return kept;
}

/** The progress, answers and choices of the learner. Where the browser refuses its storage, they are kept until the page is closed. */
export class Store {
  readonly #storage: Storage | null;
  #kept = fresh();
  /** Whether the last change was saved by the browser. */
  isSaved: boolean;

  constructor(storage: Storage | null) {
    this.#storage = storage;
    this.isSaved = storage !== null;
    try {
      const text = storage?.getItem(KEY);
      if (text) this.#kept = read(text);
    } catch {
      this.isSaved = false; // refused, or written by something else
    }
  }

  get kept(): Readonly<Kept> {
    return this.#kept;
  }

  /** Changes what is kept, and saves it. */
  change(update: (kept: Kept) => void): void {
    update(this.#kept);
    this.#kept.history = this.#kept.history.slice(-MOST_HISTORY);
    try {
      this.#storage?.setItem(KEY, this.text());
      this.isSaved = this.#storage !== null;
    } catch {
      this.isSaved = false;
    }
  }

  /** All that is kept, as the text of a file. */
  text(): string {
    return JSON.stringify(this.#kept, null, 1);
  }

  /** Replaces all by the text of such a file. Another text raises an error, and changes nothing. */
  replace(text: string): void {
    let kept: Kept;
    try {
      kept = read(text);
    } catch {
      throw new Error("The file is not one that this page has saved.");
    }
    this.change((all) => { Object.assign(all, kept); });
  }

  /** Forgets the progress of the lessons and the answers to their exercises. */
  reset(): void {
    this.change((kept) => { Object.assign(kept, { progress: {}, answers: {} }); });
  }
}

/** The storage of the browser; null where it is refused. */
export function browserStorage(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

/** What a lesson's progress means: a word for lists, "" for a lesson that was not started. */
export function progressWord(progress: string | undefined): string {
  if (progress === undefined || /^0\b/.test(progress)) return progress?.includes("done") ? "done" : "";
  if (progress.includes("done")) return "done";
  return progress.includes("exercise") ? "at its exercise" : "started";
}
