import { describe, expect, it, vi } from "vitest";
import { keeping } from "./keeping";

const answers = (answer: boolean) => vi.fn(async () => answer);

describe("the browser", () => {
  it("is asked once to drop nothing", async () => {
    const storage = { persisted: answers(false), persist: answers(false) };
    const ask = keeping(storage);
    await Promise.all([ask(), ask()]);
    await ask();
    expect(storage.persist).toHaveBeenCalledTimes(1);
  });

  it("is not asked for what it agreed to before", async () => {
    const storage = { persisted: answers(true), persist: answers(true) };
    await keeping(storage)();
    expect(storage.persist).not.toHaveBeenCalled();
  });

  it("that refuses, or has never heard of this, is left alone", async () => {
    const refuses = vi.fn(() => Promise.reject(new TypeError("no storage here")));
    await keeping({ persisted: refuses, persist: refuses })();
    await keeping({})();
    await keeping(undefined)();
  });
});
