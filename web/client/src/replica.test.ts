import "fake-indexeddb/auto";
import { Code } from "@connectrpc/connect";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { add, Device, ready, retitle, sent, titles } from "./device.js";
import { reasonOf } from "./errors.js";
import { Task_State } from "./gen/tandem/tasks/v1/task_pb.js";
import { leftovers, wipe } from "./database.js";
import { refusal } from "./testing.js";

describe("a replica", () => {
  let device: Device;
  beforeEach(() => void (device = new Device()));
  afterEach(() => {
    vi.unstubAllGlobals();
    device.close();
  });

  it("opens without network with what it had, and with what was not sent", async () => {
    device.service.change("bread", { title: "bread" });
    const before = await device.tab();
    await ready(before);
    device.network(false);
    await add(before, "milk");
    before.gone();
    const after = await device.tab();
    expect(after.replica.state).toMatchObject({ ready: true, unsent: 1 });
    expect(titles(after)).toEqual(["bread", "milk"]);
    device.network(true);
    await sent(after);
    expect(device.service.done).toEqual(["create milk"]);
  });

  it("answers a write with what the service made of it", async () => {
    const page = await device.tab();
    expect((await add(page, "bread")).etag).toBe("e1");
    expect((await retitle(page, "bread", "rolls")).etag).toBe("e2");
    expect((await page.write.completeTask({ id: "bread" })).task).toMatchObject({ state: Task_State.DONE, etag: "e3" });
    expect(page.replica.state.unsent).toBe(0);
  });

  it("shows an edit at once, before it is on the disk", async () => {
    const page = await device.tab();
    const kept = add(page, "bread");
    expect(titles(page)).toEqual(["bread"]);
    expect(page.replica.state).toMatchObject({ unsent: 1 });
    expect([...page.replica.state.pending.keys()]).toEqual(["bread"]);
    await kept;
    expect(page.replica.state).toMatchObject({ unsent: 0 });
  });

  it("waits a moment for what is on its way, and not for a network", async () => {
    const page = await device.tab();
    const kept = add(page, "bread");
    expect(await page.replica.settled(2_000)).toBe(true);
    await kept;
    expect(device.service.done).toEqual(["create bread"]);
    device.network(false);
    await add(page, "milk");
    expect(await page.replica.settled(60_000)).toBe(false);
  });

  it("throws a refusal at whoever waits for the answer, and keeps nothing of it", async () => {
    const page = await device.tab();
    const refused = await add(page, "x".repeat(501)).catch((error: unknown) => error);
    expect(reasonOf(refused)).toBe("FIELD_INVALID");
    expect(page.replica.entries).toEqual([]);
    expect(titles(page)).toEqual([]);
  });

  it("keeps a refusal that nobody waited for until the person has decided", async () => {
    const page = await device.tab();
    await ready(page);
    device.network(false);
    await add(page, "x".repeat(501));
    await add(page, "bread");
    device.network(true);
    await expect.poll(() => page.replica.state.troubles.length, { timeout: 4_000 }).toBe(1);
    await expect.poll(() => device.service.done, { timeout: 4_000 }).toEqual(["create bread"]);
    page.gone();
    const later = await device.tab();
    const [trouble] = later.replica.state.troubles;
    expect(trouble?.kind === "refused" && reasonOf(trouble.error)).toBe("FIELD_INVALID");
    await later.replica.discard(trouble?.seq ?? 0);
    expect(later.replica.state.troubles).toEqual([]);
  });

  it("does once what was sent and whose answer was lost, also after a reload", async () => {
    const page = await device.tab();
    await ready(page);
    device.service.losing = 1;
    await add(page, "bread");
    await sent(page);
    expect(device.service.done).toEqual(["create bread"]);
    expect(device.service.asked).toBe(2);

    device.network(false);
    await retitle(page, "bread", "rolls");
    device.service.losing = 1_000;
    device.network(true);
    await expect.poll(() => device.service.done, { timeout: 4_000 }).toEqual(["create bread", "update rolls"]);
    page.gone();
    device.service.losing = 0;
    const later = await device.tab();
    await sent(later);
    expect(device.service.done).toEqual(["create bread", "update rolls"]);
    expect(later.replica.state.troubles).toEqual([]);
  });

  it("sends in order, once, with three tabs open", async () => {
    const pages = [await device.tab(), await device.tab(), await device.tab()] as const;
    await ready(pages[2]);
    device.network(false);
    for (const [index, title] of ["a", "b", "c", "d", "e", "f"].entries())
      await add(pages[index % 3] ?? pages[0], title);
    for (const page of pages) await expect.poll(() => titles(page)).toEqual(["a", "b", "c", "d", "e", "f"]);
    device.network(true);
    for (const page of pages) await sent(page);
    expect(device.service.done).toEqual(["a", "b", "c", "d", "e", "f"].map((title) => `create ${title}`));
  });

  it("hands over to another tab when the one that sends goes", async () => {
    const [first, second] = [await device.tab(), await device.tab()];
    await ready(first);
    let release = () => {};
    device.service.gate = new Promise((resolve) => (release = resolve));
    void add(first, "bread").catch(() => undefined);
    await expect.poll(() => device.service.asked).toBe(1);
    first.gone();
    device.service.gate = undefined;
    release();
    await sent(second);
    expect(device.service.done).toEqual(["create bread"]);
    expect(titles(second)).toEqual(["bread"]);
  });

  it("comes again as late as it is asked to, and gives up on nothing", async () => {
    const page = await device.tab();
    await ready(page);
    device.service.fault = refusal(Code.Internal, "INTERNAL");
    await add(page, "bread");
    device.service.fault = refusal(Code.Unauthenticated, "TOKEN_EXPIRED");
    await add(page, "milk");
    expect(device.service.done).toEqual(["create bread", "create milk"]);
  });

  it("leaves nothing behind at sign-out, in no tab, and writes nothing afterwards", async () => {
    const [first, second] = [await device.tab(), await device.tab()];
    await add(first, "bread");
    await wipe(device.user.id);
    await expect(second.replica.commit(async () => {})).rejects.toThrow();
    device.service.change("milk", { title: "milk" });
    device.close();
    device.network(false);
    const later = await device.tab();
    expect(later.replica.state).toMatchObject({ ready: false, unsent: 0 });
    expect(titles(later)).toEqual([]);
  });

  it("brings nothing back that was taken away while it was looked for", async () => {
    const page = await device.tab();
    await add(page, "bread");
    page.gone();
    const { id } = device.user;
    const all = indexedDB.databases.bind(indexedDB);
    const isKept = async () => (await all()).some(({ name }) => name?.endsWith(id));
    vi.spyOn(indexedDB, "databases").mockImplementationOnce(async () => {
      const before = await all();
      await wipe(id);
      return before;
    });
    expect(await isKept()).toBe(true);
    expect((await leftovers()).filter(({ userId }) => userId === id)).toEqual([]);
    expect(await isKept()).toBe(false);
  });

  it("takes nothing away where nothing can be kept", async () => {
    vi.stubGlobal("indexedDB", undefined);
    await wipe(device.user.id);
    await wipe(device.user.id, "unsent");
  });

  it("keeps unsent edits of an ended session, and only those, for that person alone", async () => {
    const page = await device.tab();
    await add(page, "bread");
    device.network(false);
    await add(page, "milk");
    const ada = device.user;
    await wipe(ada.id, "unsent");
    page.gone();
    expect(await leftovers()).toContainEqual({ userId: ada.id, email: ada.email, count: 1 });

    device.user = { id: crypto.randomUUID(), email: "grace@example.org" };
    expect(titles(await device.tab())).toEqual([]);
    device.user = ada;
    const back = await device.tab();
    expect(titles(back)).toEqual(["milk"]);
    device.network(true);
    await sent(back);
    expect(device.service.done).toEqual(["create bread", "create milk"]);
    await expect.poll(() => titles(back)).toEqual(["bread", "milk"]);
  });
});
