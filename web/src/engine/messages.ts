/** The bounds of an engine. */
export interface Limits {
  /** The most bytes of memory of the module, at most 1 GiB. */
  memory: number;
  /** The seconds that a call may take; 0: any. */
  seconds: number;
}

/** 1 GiB, and as long as it takes. */
export const PAGE_LIMITS: Limits = { memory: 2 ** 30, seconds: 0 };

/** The parts of an engine: texts in the page, which unpackPart reads. */
export interface EngineParts {
  /** core.wasm */
  core: string;
  /** The archive of Lua's modules. */
  library: string;
}

/** A request to the worker. */
export type Request =
  | { kind: "open"; parts: EngineParts; limits: Limits }
  | { kind: "call"; name: string; arguments: string; isBytes: boolean }
  | { kind: "write"; path: string; bytes: Uint8Array }
  | { kind: "read"; path: string };

/** An answer of the worker, one for each request, in their order; and output, at any time. */
export type Answer =
  | { kind: "result"; bytes: Uint8Array }
  | { kind: "error"; message: string }
  | { kind: "output"; bytes: Uint8Array };
