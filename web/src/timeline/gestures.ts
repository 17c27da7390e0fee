import { effectOf } from "./keys.ts";
import { opAt, type Layout } from "./layout.ts";
import { moved, widthOf, zoomed, type Window } from "./window.ts";

/** What the gestures of the chart read and change. */
export interface Chart {
  layout(): Layout;
  window(): Window;
  bounds(): Window;
  op(): number;
  seek(op: number): void;
  choose(window: Window): void;
  point(op: number | null): void;
}

const WHEEL_FACTOR = 1.0015;

function onWheel(chart: Chart, event: WheelEvent): void {
  const bounds = chart.bounds();
  const window = chart.window();
  if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
    const by = (event.deltaX || event.deltaY) / (chart.layout().right - chart.layout().left) * widthOf(window);
    chart.choose(moved(window, by, bounds));
  } else if (event.ctrlKey || event.altKey || isActive(event)) {
    chart.choose(zoomed(window, WHEEL_FACTOR ** event.deltaY, opAt(chart.layout(), event.offsetX), bounds));
  } else {
    return; // the wheel scrolls the page
  }
  event.preventDefault();
}

// The wheel zooms where the chart has the focus: a page that is scrolled past it does not stop there.
function isActive(event: WheelEvent): boolean {
  const { currentTarget } = event;
  return currentTarget instanceof Element && currentTarget.contains(document.activeElement);
}

function addPointer(element: HTMLElement, chart: Chart): void {
  let isDown = false;
  const opOf = (event: PointerEvent): number =>
    opAt(chart.layout(), event.clientX - element.getBoundingClientRect().left);
  element.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    isDown = true;
    element.setPointerCapture(event.pointerId);
    chart.seek(opOf(event));
  });
  element.addEventListener("pointermove", (event) => {
    const op = opOf(event);
    chart.point(op);
    if (isDown) chart.seek(op);
  });
  for (const end of ["pointerup", "pointercancel"]) element.addEventListener(end, () => { isDown = false; });
  element.addEventListener("pointerleave", () => { chart.point(null); });
}

/** Makes an element answer to the pointer, the wheel and the keys. */
export function addGestures(element: HTMLElement, chart: Chart): void {
  addPointer(element, chart);
  element.addEventListener("wheel", (event) => { onWheel(chart, event); }, { passive: false });
  element.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const effect = effectOf(event, chart.op(), chart.window(), chart.bounds());
    if (!effect) return;
    event.preventDefault();
    event.stopPropagation();
    if ("op" in effect) chart.seek(effect.op);
    else chart.choose(effect.window);
  });
}
