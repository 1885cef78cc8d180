/** Asks the browser not to drop what is kept here: at the first call, and where it has not agreed before. */
export function keeping(storage: Partial<StorageManager> | undefined): () => Promise<void> {
  let asked: Promise<void> | undefined;
  async function ask() {
    // Without an answer to this it is asked all the same.
    const kept = await storage?.persisted?.().catch(() => false);
    if (!kept) await storage?.persist?.().catch(() => false);
  }
  return () => (asked ??= ask());
}
