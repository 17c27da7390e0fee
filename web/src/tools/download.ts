/** A name for a file, made of the name of a session: "app.trace" and "-1234.svg" become "app-1234.svg". */
export function fileName(session: string, ending: string): string {
  const base = session.split(/[\\/]/).at(-1) ?? "";
  const stem = base.replace(/^[@.]+/, "").replace(/\.(gz|xz|zst)$/i, "").replace(/\.[A-Za-z]{1,8}$/, "").replace(/[^A-Za-z0-9._-]+/g, "_");
  return `${stem === "" ? "heap" : stem}${ending}`;
}

/** Lets the browser save a file. */
export function download(name: string, content: Uint8Array | string, type: string): void {
  const blob = new Blob([typeof content === "string" ? content : content.slice().buffer], { type });
  const address = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => { URL.revokeObjectURL(address); }, 60_000);
}
