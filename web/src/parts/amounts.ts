// Texts of numbers, as the library writes them: groups of three digits, bytes in powers of 1024.

const UNITS: readonly (readonly [string, number])[] =
  [["GiB", 2 ** 30], ["MiB", 2 ** 20], ["KiB", 2 ** 10], ["B", 1]];

/** The unit of bytes in which a value is at least 1, with its size. */
export function byteUnit(value: number): readonly [string, number] {
  return UNITS.find(([, size]) => Math.abs(value) >= size) ?? ["B", 1];
}

/** A whole number with groups of three digits: "43,354". A decimal string is taken too, for numbers above 2^53. */
export function grouped(value: number | string): string {
  const [whole = "", rest] = String(value).split(".");
  const groups = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  return rest === undefined ? groups : `${groups}.${rest}`;
}

// Three significant digits, without trailing zeros and without an exponent.
function short(value: number): string {
  return grouped(Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3)));
}

/** Bytes for people: exact where the text is short ("256 KiB", "48 B"), else three digits ("1.25 MiB"). */
export function bytesText(value: number): string {
  const [unit, size] = byteUnit(value);
  return `${value % size === 0 ? grouped(value / size) : short(value / size)} ${unit}`;
}

/** A change, with its sign: "+3", "−64 KiB", or "0". */
export function signed(value: number, text: (value: number) => string = grouped): string {
  if (value === 0) return "0";
  return (value < 0 ? "−" : "+") + text(Math.abs(value));
}

/** A number with its noun: "1 arena", "12 arenas". */
export function counted(value: number, noun: string): string {
  return `${grouped(value)} ${noun}${value === 1 ? "" : "s"}`;
}
