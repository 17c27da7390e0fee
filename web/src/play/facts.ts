// The types of the results of pymalloc.play.

/** The result of a statement. */
export interface Result {
  status: "done" | "error" | "more";
  output: string;
  error?: string;
  /** The name of a local variable that has ended with the statement. */
  lost?: string;
}

/** An arena: of each pool that was carved, the live blocks, all blocks and the class. */
export interface ArenaPicture {
  slot: number;
  state: string;
  free: number;
  /** A letter for each pool: e empty, u used, f full, v never carved. */
  states: string;
  live: number[];
  capacity: number[];
  classes: number[];
}

export interface HeaderField {
  name: string;
  value: string;
  is_changed?: boolean;
}

export interface PoolPicture {
  arena: number;
  offset: number;
  state: string;
  title: string;
  header: HeaderField[];
  header_bytes: number;
  pool_bytes: number;
  class: number;
  live: number;
  size?: number;
  capacity?: number;
  /** A letter for each block: l live, f free, v virgin, c cached. */
  blocks?: string;
  chain?: number[];
  waste?: number;
}

export interface Places {
  places: string[];
  left_out: number;
}

export interface EventPicture {
  request: number;
  kind: string;
  text: string;
  arena?: number;
  pool?: number;
}

/** The picture of a heap. */
export interface Picture {
  name?: string;
  number?: number;
  heaps?: { number: number; name: string }[];
  title: string;
  is_closed?: boolean;
  geometry: { name: string; pool_bytes: number; arena_bytes: number };
  stats: Record<string, number>;
  arenas: ArenaPicture[];
  arenas_left_out: number;
  lists: { usable: Places; used: (Places & { class: number; bytes: number })[] };
  events: EventPicture[];
  requests: number;
  new_requests: number;
  pool?: PoolPicture;
  text: string;
  pool_text?: string;
}

export interface Paragraph {
  text: string;
  is_fixed?: boolean;
}

interface PieceKinds {
  heading: { number: number; title: string; is_continued: boolean };
  source: { text: string };
  say: { paragraphs: Paragraph[] };
  show: { text: string; picture?: Picture };
  claim: { text: string };
  pending: { text: string };
  question: { ask: string; choices?: string[]; hint?: string };
  unclear: { last: string };
  answer: { is_guessed: boolean; is_right: boolean; answer: string; because: Paragraph[]; why?: string };
  break_it: { what: string; message: string; so: Paragraph[] };
  exercise: { task: Paragraph[]; start: string; hint?: string };
  work: object;
  grade: { passed: boolean; remark: string; is_untouched: boolean; output: string };
  solution: { text: string };
  restart: object;
}

/** The piece of a lesson of one kind. `is_old`: the learner has seen it before. */
export type PieceOf<Kind extends keyof PieceKinds> = { kind: Kind; is_old?: boolean } & PieceKinds[Kind];

/** A piece of a lesson. */
export type Piece = { [Kind in keyof PieceKinds]: PieceOf<Kind> }[keyof PieceKinds];

/** The pieces of a lesson up to the next one that asks or is text. */
export interface Told {
  pieces: Piece[];
  progress?: string;
  asks?: "question" | "unclear" | "work";
  is_done: boolean;
  /** The lesson has more pieces before the next that asks. */
  goes_on?: boolean;
}

export interface LessonTitle {
  number: number;
  title: string;
}

export interface Help {
  name: string;
  text?: string;
  names: string[];
}
