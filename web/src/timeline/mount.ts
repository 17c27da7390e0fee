import type { App } from "../page/app.ts";
import { actionsOf } from "../page/shell.ts";
import { makeNotices } from "../tools/notices.ts";
import { TimelineChart } from "./timeline.ts";

/** Fills the region of the timeline: the notices on the trace, and the chart. */
export function mountTimeline(element: HTMLElement, app: App): void {
  const chart = new TimelineChart(app);
  actionsOf(element).append(chart.controls);
  element.append(makeNotices(app), chart.element);
}
