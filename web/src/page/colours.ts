type Rgb = readonly [number, number, number];

// The colours of size classes, from the smallest blocks to the largest. Their lightness goes one way only, so that their
// order is seen without colours, too.
const RAMPS: Readonly<Record<"light" | "dark", readonly Rgb[]>> = {
  light: [[158, 217, 190], [64, 172, 170], [46, 126, 194], [88, 84, 176], [124, 44, 122], [84, 16, 48]],
  dark: [[84, 62, 150], [50, 104, 190], [38, 150, 182], [80, 196, 148], [190, 222, 104], [255, 244, 184]],
};

/** The colours of pictures on canvas, as the style sheet has them now. */
export interface Colours {
  readonly background: string;
  readonly text: string;
  readonly faint: string;
  readonly grid: string;
  readonly axis: string;
  readonly missing: string;
  readonly changed: string;
  readonly selected: string;
  readonly ghost: string;
  /** Of memory that was never carved, and of the links of the free chain. */
  readonly virgin: string;
  readonly chain: string;
  readonly font: string;
  /** The colour of a share from 0 to 1, and black or white that can be read on it. */
  shade(share: number): string;
  /** The colour of a size class, of so many. */
  ofClass(szidx: number, classes: number): string;
  /** Black or white that can be read on the colour. */
  on(colour: string): string;
}

function mixed(ramp: readonly Rgb[], share: number): Rgb {
  const place = Math.max(0, Math.min(1, share)) * (ramp.length - 1);
  const i = Math.min(ramp.length - 2, Math.floor(place));
  const [one, other] = [ramp[i] ?? [0, 0, 0], ramp[i + 1] ?? [0, 0, 0]];
  const part = (n: 0 | 1 | 2): number => Math.round(one[n] + (other[n] - one[n]) * (place - i));
  return [part(0), part(1), part(2)];
}

function hex([red, green, blue]: Rgb): string {
  return `#${[red, green, blue].map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

function rgb(colour: string): Rgb {
  const part = (at: number): number => parseInt(colour.slice(at, at + 2), 16);
  return [part(1), part(3), part(5)];
}

/** The luminance of a colour, from 0 to 1, as WCAG 2 defines it. */
export function luminance(colour: string): number {
  const [red, green, blue] = rgb(colour).map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * (red ?? 0) + 0.7152 * (green ?? 0) + 0.0722 * (blue ?? 0);
}

/** The colour of a size class, of so many, in a theme: the same distance from a class to that of twice its bytes. */
export function classColour(theme: "light" | "dark", szidx: number, classes: number): string {
  return hex(mixed(RAMPS[theme], Math.log(szidx + 1) / Math.log(Math.max(2, classes))));
}

const known = new Map<string, Colours>();

/** The colours of the style sheet. They are read once for each theme, as reading makes the browser compute styles. */
export function coloursNow(): Colours {
  const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
  const key = document.documentElement.dataset["theme"] ?? (isDark ? "dark" : "light");
  const colours = known.get(key) ?? coloursOf(document.body);
  known.set(key, colours);
  return colours;
}

/** Reads the colours from the style of an element. */
export function coloursOf(element: Element): Colours {
  const style = getComputedStyle(element);
  const colour = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  const theme = luminance(colour("background")) > 0.5 ? "light" : "dark";
  const shades = Array.from({ length: 9 }, (_, i) => colour(`shade${i + 1}`));
  return {
    background: colour("background"), text: colour("text"), faint: colour("faint"), grid: colour("grid"), axis: colour("axis"),
    missing: colour("missing"), changed: colour("changed"), selected: colour("text"), ghost: colour("series4"),
    virgin: colour("hover"), chain: colour("series2"), font: style.fontFamily,
    shade: (share) => shades[Math.max(0, Math.min(8, Math.floor(share * 9)))] ?? colour("missing"),
    ofClass: (szidx, classes) => classColour(theme, szidx, classes),
    on: (background) => luminance(background) > 0.3 ? "#000000" : "#ffffff",
  };
}
