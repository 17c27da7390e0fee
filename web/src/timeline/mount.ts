import type { App } from "../page/app.ts";
import { makeNotices } from "../tools/notices.ts";
import { TimelineChart } from "./timeline.ts";

/** Fills the region of the timeline: the notices on the trace, and the chart. */
export function mountTimeline(element: HTMLElement, app: App): void {
  element.append(makeNotices(app), new TimelineChart(app).element);
}
