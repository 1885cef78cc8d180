import "fake-indexeddb/auto";
import { create } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { reasonOf } from "./errors.js";
import { FakeService } from "./fake_service.js";
import { Task_State, TaskSchema } from "./gen/tandem/tasks/v1/task_pb.js";
import { leftovers, wipe } from "./local.js";
import { Replica } from "./replica.js";
import { browser, refusal } from "./testing.js";
import { writesOf } from "./writes.js";

/** A tab with ada's tasks in it. */
interface Tab {
  readonly replica: Replica;
  readonly write: ReturnType<typeof writesOf>;
  /** Goes, as a reload does: nothing is told to anybody. */
  gone(): void;
}

describe("a replica", () => {
  let service: FakeService;
  let device: ReturnType<typeof browser>;
  let open: Tab[];
  let user: { id: string; email: string };

  beforeEach(() => {
    service = new FakeService();
    device = browser();
    open = [];
    user = { id: crypto.randomUUID(), email: "ada@example.org" };
  });
  afterEach(() => open.forEach((tab) => tab.gone()));

  async function tab(): Promise<Tab> {
    const tabs = device.openTab();
    const pause = () => new Promise<void>((resolve) => setTimeout(resolve, 5));
    const replica = await Replica.open({ user, clients: service.clients(), tabs, pause });
    const here = new AbortController();
    replica.follow(here.signal).catch(() => undefined);
    replica.deliver(here.signal).catch(() => undefined);
    const gone = () => {
      here.abort();
      replica.close();
    };
    const made = { replica, write: writesOf(replica, tabs), gone };
    open.push(made);
    return made;
  }
  function network(online: boolean) {
    service.online = online;
    device.network.online = online;
  }
  const titles = ({ replica }: Tab) => [...replica.state.store.tasks.values()].map(({ title }) => title).sort();
  const add = ({ write }: Tab, title: string) => write.createTask({ task: { title }, taskId: title });
  const retitle = ({ write }: Tab, id: string, title: string) =>
    write.updateTask({ task: { id, title }, updateMask: { paths: ["title"] } });
  const sent = ({ replica }: Tab) => expect.poll(() => replica.entries.length, { timeout: 4_000 }).toBe(0);
  const ready = ({ replica }: Tab) => expect.poll(() => replica.state.ready).toBe(true);

  it("opens without network with what it had, and with what was not sent", async () => {
    service.change("bread", { title: "bread" });
    const before = await tab();
    await ready(before);
    network(false);
    await add(before, "milk");
    before.gone();
    const after = await tab();
    expect(after.replica.state).toMatchObject({ ready: true, unsent: 1 });
    expect(titles(after)).toEqual(["bread", "milk"]);
    network(true);
    await sent(after);
    expect(service.done).toEqual(["create milk"]);
  });

  it("answers a write with what the service made of it", async () => {
    const page = await tab();
    expect((await add(page, "bread")).etag).toBe("e1");
    expect((await retitle(page, "bread", "rolls")).etag).toBe("e2");
    expect((await page.write.completeTask({ id: "bread" })).task).toMatchObject({ state: Task_State.DONE, etag: "e3" });
    expect(page.replica.state.unsent).toBe(0);
  });

  it("shows an edit at once, before it is on the disk", async () => {
    const page = await tab();
    const kept = add(page, "bread");
    expect(titles(page)).toEqual(["bread"]);
    expect(page.replica.state).toMatchObject({ unsent: 1 });
    expect([...page.replica.state.pending.keys()]).toEqual(["bread"]);
    await kept;
    expect(page.replica.state).toMatchObject({ unsent: 0 });
  });

  it("throws a refusal at whoever waits for the answer, and keeps nothing of it", async () => {
    const page = await tab();
    const refused = await add(page, "x".repeat(501)).catch((error: unknown) => error);
    expect(reasonOf(refused)).toBe("FIELD_INVALID");
    expect(page.replica.entries).toEqual([]);
    expect(titles(page)).toEqual([]);
  });

  it("keeps a refusal that nobody waited for until the person has decided", async () => {
    const page = await tab();
    await ready(page);
    network(false);
    await add(page, "x".repeat(501));
    await add(page, "bread");
    network(true);
    await expect.poll(() => page.replica.state.troubles.length, { timeout: 4_000 }).toBe(1);
    await expect.poll(() => service.done, { timeout: 4_000 }).toEqual(["create bread"]);
    page.gone();
    const later = await tab();
    const [trouble] = later.replica.state.troubles;
    expect(trouble?.kind === "refused" && reasonOf(trouble.error)).toBe("FIELD_INVALID");
    await later.replica.discard(trouble?.seq ?? 0);
    expect(later.replica.state.troubles).toEqual([]);
  });

  it("does once what was sent and whose answer was lost, also after a reload", async () => {
    const page = await tab();
    await ready(page);
    service.losing = 1;
    await add(page, "bread");
    await sent(page);
    expect(service.done).toEqual(["create bread"]);
    expect(service.asked).toBe(2);

    network(false);
    await retitle(page, "bread", "rolls");
    service.losing = 1_000;
    network(true);
    await expect.poll(() => service.done, { timeout: 4_000 }).toEqual(["create bread", "update rolls"]);
    page.gone();
    service.losing = 0;
    const later = await tab();
    await sent(later);
    expect(service.done).toEqual(["create bread", "update rolls"]);
    expect(later.replica.state.troubles).toEqual([]);
  });

  it("sends in order, once, with three tabs open", async () => {
    const pages = [await tab(), await tab(), await tab()] as const;
    await ready(pages[2]);
    network(false);
    for (const [index, title] of ["a", "b", "c", "d", "e", "f"].entries())
      await add(pages[index % 3] ?? pages[0], title);
    for (const page of pages) await expect.poll(() => titles(page)).toEqual(["a", "b", "c", "d", "e", "f"]);
    network(true);
    for (const page of pages) await sent(page);
    expect(service.done).toEqual(["a", "b", "c", "d", "e", "f"].map((title) => `create ${title}`));
  });

  it("hands over to another tab when the one that sends goes", async () => {
    const [first, second] = [await tab(), await tab()];
    await ready(first);
    let release = () => {};
    service.gate = new Promise((resolve) => (release = resolve));
    void add(first, "bread").catch(() => undefined);
    await expect.poll(() => service.asked).toBe(1);
    first.gone();
    service.gate = undefined;
    release();
    await sent(second);
    expect(service.done).toEqual(["create bread"]);
    expect(titles(second)).toEqual(["bread"]);
  });

  it("joins edits of one task that nobody has heard of", async () => {
    const page = await tab();
    await add(page, "bread");
    network(false);
    await retitle(page, "bread", "rolls");
    await page.write.updateTask({ task: { id: "bread", notes: "dark" } });
    await retitle(page, "bread", "buns");
    expect(page.replica.state.store.tasks.get("bread")).toMatchObject({ title: "buns", notes: "dark" });
    expect(page.replica.state.unsent).toBe(1);
    network(true);
    await sent(page);
    expect(service.done).toEqual(["create bread", "update buns"]);
    expect(service.tasks.get("bread")).toMatchObject({ title: "buns", notes: "dark" });
  });

  it("puts edits of other fields together, and labels as sets", async () => {
    service.change("bread", { title: "bread", labels: ["old", "gone"] });
    const page = await tab();
    await ready(page);
    network(false);
    await page.write.updateTask({
      task: { id: "bread", title: "rolls", labels: ["old", "mine"] },
      updateMask: { paths: ["title", "labels"] },
    });
    service.change("bread", { notes: "from the desk", labels: ["old", "gone", "theirs"] });
    network(true);
    await sent(page);
    expect(service.tasks.get("bread")).toMatchObject({
      title: "rolls",
      notes: "from the desk",
      labels: ["old", "theirs", "mine"],
    });
  });

  it("surfaces a field that both sides changed, and holds nothing else up", async () => {
    service.change("bread", { title: "bread" });
    const page = await tab();
    await ready(page);
    network(false);
    await page.write.updateTask({ task: { id: "bread", title: "mine", notes: "mine too" } });
    await add(page, "milk");
    service.change("bread", { title: "theirs" });
    network(true);
    await expect.poll(() => page.replica.state.troubles.length, { timeout: 4_000 }).toBe(1);
    await expect.poll(() => service.done, { timeout: 4_000 }).toEqual(["create milk"]);
    const [trouble] = page.replica.state.troubles;
    expect(trouble).toMatchObject({
      kind: "conflict",
      fields: ["title"],
      mine: { title: "mine" },
      theirs: { title: "theirs" },
    });
    expect(titles(page)).toContain("mine");

    await page.replica.decide(trouble?.seq ?? 0, "title", "theirs");
    await sent(page);
    expect(service.tasks.get("bread")).toMatchObject({ title: "theirs", notes: "mine too" });
  });

  it("replaces the other side's version when the person decides so, and nothing newer", async () => {
    service.change("bread", { title: "bread" });
    const page = await tab();
    await ready(page);
    network(false);
    await retitle(page, "bread", "mine");
    service.change("bread", { title: "theirs" });
    network(true);
    await expect.poll(() => page.replica.state.troubles.length, { timeout: 4_000 }).toBe(1);
    network(false);
    await page.replica.decide(page.replica.state.troubles[0]?.seq ?? 0, "title", "mine");
    service.change("bread", { title: "newer" });
    network(true);
    await expect
      .poll(() => page.replica.state.troubles[0], { timeout: 4_000 })
      .toMatchObject({ theirs: { title: "newer" } });
    await page.replica.decide(page.replica.state.troubles[0]?.seq ?? 0, "title", "mine");
    await sent(page);
    expect(service.tasks.get("bread")?.title).toBe("mine");
  });

  it("finds out from the service that its copy is stale, before the feed does", async () => {
    service.change("bread", { title: "bread" });
    const tabs = device.openTab();
    const replica = await Replica.open({ user, clients: service.clients(), tabs });
    await replica.commit(
      async (change) =>
        await change.put({ kind: "task", task: create(TaskSchema, { id: "bread", title: "bread", etag: "e0" }) }),
    );
    const here = new AbortController();
    open.push({ replica, write: writesOf(replica, tabs), gone: () => (here.abort(), replica.close()) });
    void replica.deliver(here.signal);
    const task = await writesOf(replica, tabs).updateTask({ task: { id: "bread", notes: "dark" } });
    expect(task).toMatchObject({ title: "bread", notes: "dark", etag: "e2" });
  });

  it("asks whoever edits an old version to look again", async () => {
    const page = await tab();
    const seen = await add(page, "bread");
    service.change("bread", { notes: "elsewhere" });
    await expect.poll(() => page.replica.state.store.tasks.get("bread")?.notes).toBe("elsewhere");
    const edit = { task: { id: "bread", etag: seen.etag, title: "rolls" } };
    expect(reasonOf(await page.write.updateTask(edit).catch((error: unknown) => error))).toBe("ETAG_MISMATCH");
    // Who says what was seen needs not.
    expect(await page.write.updateTask(edit, { before: seen })).toMatchObject({ title: "rolls", notes: "elsewhere" });
  });

  it("comes again as late as it is asked to, and gives up on nothing", async () => {
    const page = await tab();
    await ready(page);
    service.fault = refusal(Code.Internal, "INTERNAL");
    await add(page, "bread");
    service.fault = refusal(Code.Unauthenticated, "TOKEN_EXPIRED");
    await add(page, "milk");
    expect(service.done).toEqual(["create bread", "create milk"]);
  });

  it("leaves nothing behind at sign-out, in no tab, and writes nothing afterwards", async () => {
    const [first, second] = [await tab(), await tab()];
    await add(first, "bread");
    await wipe(user.id);
    await expect(second.replica.commit(async () => {})).rejects.toThrow();
    service.change("milk", { title: "milk" });
    open.forEach((page) => page.gone());
    network(false);
    const later = await tab();
    expect(later.replica.state).toMatchObject({ ready: false, unsent: 0 });
    expect(titles(later)).toEqual([]);
  });

  it("keeps unsent edits of an ended session, and only those, for that person alone", async () => {
    const page = await tab();
    await add(page, "bread");
    network(false);
    await add(page, "milk");
    await wipe(user.id, "unsent");
    page.gone();
    expect(await leftovers()).toContainEqual({ userId: user.id, email: user.email, count: 1 });

    const ada = user;
    user = { id: crypto.randomUUID(), email: "grace@example.org" };
    expect(titles(await tab())).toEqual([]);
    user = ada;
    const back = await tab();
    expect(titles(back)).toEqual(["milk"]);
    network(true);
    await sent(back);
    expect(service.done).toEqual(["create bread", "create milk"]);
    await expect.poll(() => titles(back)).toEqual(["bread", "milk"]);
  });
});
