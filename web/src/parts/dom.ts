/** What an element gets: attributes, or, for names that begin with "on", listeners. Undefined and false are left out. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined | ((event: Event) => void)>>;

/** A child of an element. Text becomes a text node, never markup. */
export type Child = Node | string | number | null | undefined;

const SVG = "http://www.w3.org/2000/svg";

function setAttribute(element: Element, name: string, value: Attributes[string]): void {
  if (typeof value === "function") element.addEventListener(name.slice(2), value);
  else if (value === true) element.setAttribute(name, "");
  else if (value !== undefined && value !== false) element.setAttribute(name, String(value));
}

function fill(element: Element, attributes: Attributes, children: readonly Child[]): void {
  for (const [name, value] of Object.entries(attributes)) setAttribute(element, name, value);
  for (const child of children) {
    if (child !== null && child !== undefined) element.append(typeof child === "number" ? String(child) : child);
  }
}

/** An element of HTML: make("button", { class: "plain", onclick: go }, "Go"). */
export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name, attributes: Attributes = {}, ...children: readonly Child[]): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  fill(element, attributes, children);
  return element;
}

/** An element of SVG. */
export function makeSvg<Name extends keyof SVGElementTagNameMap>(
  name: Name, attributes: Attributes = {}, ...children: readonly Child[]): SVGElementTagNameMap[Name] {
  const element = document.createElementNS(SVG, name);
  fill(element, attributes, children);
  return element;
}

/** Replaces the children of an element. */
export function replace(element: Element, ...children: readonly Child[]): void {
  element.replaceChildren();
  fill(element, {}, children);
}

/** Sets the text of an element. One that is the same is not set, so that the browser need not lay it out again. */
export function setText(element: Element, text: string): void {
  const { firstChild: first } = element;
  if (!(first instanceof Text) || first.nextSibling) element.textContent = text;
  else if (first.data !== text) first.data = text;
}

/** Sets an attribute as make does: false and undefined take it away. One that is the same is not set. */
export function setState(element: Element, name: string, value: string | boolean | undefined): void {
  const wanted = value === true ? "" : value === false || value === undefined ? null : value;
  if (element.getAttribute(name) === wanted) return;
  if (wanted === null) element.removeAttribute(name);
  else element.setAttribute(name, wanted);
}
