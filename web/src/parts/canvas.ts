import { make } from "./dom.ts";

const PAPER_DENSITY = 3; // paper shows more pixels than most screens

/** Makes a canvas that is hidden from screen readers: the slider and the table around it have the values. */
export function makeCanvas(name: string): HTMLCanvasElement {
  return make("canvas", { class: name, "aria-hidden": "true" });
}

let paper: MediaQueryList | undefined;

/** Is the page shown as it is printed? */
export function isPaper(): boolean {
  paper ??= matchMedia("print");
  return paper.matches;
}

/** Pixels of a canvas along a pixel of CSS. */
export function densityNow(): number {
  const density = Math.max(1, window.devicePixelRatio);
  return isPaper() ? Math.max(PAPER_DENSITY, density) : density;
}

/**
 * Gives a canvas a size in pixels of CSS, clears it, and returns its pen, which draws in those pixels on any screen. On paper
 * a canvas is cleared by setting its size: clearRect would also clear a canvas that is printed below it.
 */
export function penOf(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D {
  const density = densityNow();
  const [across, down] = [Math.round(width * density), Math.round(height * density)];
  const isBlank = canvas.width !== across || canvas.height !== down || isPaper();
  if (isBlank) {
    canvas.width = across;
    canvas.height = down;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  if (!pen) throw new Error("This browser does not draw on a canvas.");
  pen.setTransform(density, 0, 0, density, 0, 0);
  if (!isBlank) pen.clearRect(0, 0, width, height);
  return pen;
}
