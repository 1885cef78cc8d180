// Files, on their way to the person's own disk.

/** Hands a file to the browser, which asks or saves as it is set up to. */
export function saveFile(name: string, type: string, parts: BlobPart[]): void {
  const url = URL.createObjectURL(new Blob(parts, { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser has it by then.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** `tandem-tasks-2026-11-21.json`. */
export function fileName(what: string, extension: string, now = new Date()): string {
  return `tandem-${what}-${now.toISOString().slice(0, 10)}.${extension}`;
}
