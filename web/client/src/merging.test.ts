import "fake-indexeddb/auto";
import { create } from "@bufbuild/protobuf";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { add, Device, ready, retitle, sent, titles } from "./device.js";
import { reasonOf } from "./errors.js";
import { TaskSchema, type Task } from "./gen/tandem/tasks/v1/task_pb.js";

describe("edits on both sides", () => {
  let device: Device;
  beforeEach(() => void (device = new Device()));
  afterEach(() => device.close());

  it("joins edits of one task that nobody has heard of", async () => {
    const page = await device.tab();
    await add(page, "bread");
    device.network(false);
    await retitle(page, "bread", "rolls");
    await page.write.updateTask({ task: { id: "bread", notes: "dark" } });
    await retitle(page, "bread", "buns");
    expect(page.replica.state.store.tasks.get("bread")).toMatchObject({ title: "buns", notes: "dark" });
    expect(page.replica.state.unsent).toBe(1);
    device.network(true);
    await sent(page);
    expect(device.service.done).toEqual(["create bread", "update buns"]);
    expect(device.service.tasks.get("bread")).toMatchObject({ title: "buns", notes: "dark" });
  });

  it("puts edits of other fields together, and labels as sets", async () => {
    device.service.change("bread", { title: "bread", labels: ["old", "gone"] });
    const page = await device.tab();
    await ready(page);
    device.network(false);
    await page.write.updateTask({
      task: { id: "bread", title: "rolls", labels: ["old", "mine"] },
      updateMask: { paths: ["title", "labels"] },
    });
    device.service.change("bread", { notes: "from the desk", labels: ["old", "gone", "theirs"] });
    device.network(true);
    await sent(page);
    expect(device.service.tasks.get("bread")).toMatchObject({
      title: "rolls",
      notes: "from the desk",
      labels: ["old", "theirs", "mine"],
    });
  });

  it("surfaces a field that both sides changed, and holds nothing else up", async () => {
    device.service.change("bread", { title: "bread" });
    const page = await device.tab();
    await ready(page);
    device.network(false);
    await page.write.updateTask({ task: { id: "bread", title: "mine", notes: "mine too" } });
    await add(page, "milk");
    device.service.change("bread", { title: "theirs" });
    device.network(true);
    await expect.poll(() => page.replica.state.troubles.length, { timeout: 4_000 }).toBe(1);
    await expect.poll(() => device.service.done, { timeout: 4_000 }).toEqual(["create milk"]);
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
    expect(device.service.tasks.get("bread")).toMatchObject({ title: "theirs", notes: "mine too" });
  });

  it("replaces the other side's version when the person decides so, and nothing newer", async () => {
    device.service.change("bread", { title: "bread" });
    const page = await device.tab();
    await ready(page);
    device.network(false);
    await retitle(page, "bread", "mine");
    device.service.change("bread", { title: "theirs" });
    device.network(true);
    await expect.poll(() => page.replica.state.troubles.length, { timeout: 4_000 }).toBe(1);
    device.network(false);
    await page.replica.decide(page.replica.state.troubles[0]?.seq ?? 0, "title", "mine");
    device.service.change("bread", { title: "newer" });
    device.network(true);
    await expect
      .poll(() => page.replica.state.troubles[0], { timeout: 4_000 })
      .toMatchObject({ theirs: { title: "newer" } });
    await page.replica.decide(page.replica.state.troubles[0]?.seq ?? 0, "title", "mine");
    await sent(page);
    expect(device.service.tasks.get("bread")?.title).toBe("mine");
  });

  it("finds out from the service that its copy is stale, before the feed does", async () => {
    device.service.change("bread", { title: "bread" });
    const page = await device.tab(false);
    await page.replica.commit(
      async (change) =>
        await change.put({ kind: "task", task: create(TaskSchema, { id: "bread", title: "bread", etag: "e0" }) }),
    );
    const task = await page.write.updateTask({ task: { id: "bread", notes: "dark" } });
    expect(task).toMatchObject({ title: "bread", notes: "dark", etag: "e2" });
  });

  it("puts an edit of an old version together with what came since, and asks where both changed one field", async () => {
    const page = await device.tab();
    const seen = await add(page, "bread");
    device.service.change("bread", { notes: "elsewhere" });
    await expect.poll(() => page.replica.state.store.tasks.get("bread")?.notes).toBe("elsewhere");
    const task = { id: "bread", etag: seen.etag };
    const edit = (fields: object) => page.write.updateTask({ task: { ...task, ...fields } }, { before: seen });
    expect(await edit({ title: "rolls" })).toMatchObject({ title: "rolls", notes: "elsewhere" });
    expect(reasonOf(await edit({ notes: "mine" }).catch((error: unknown) => error))).toBe("ETAG_MISMATCH");
    // Without a network there is nothing better to look at: it is kept, and asked about later.
    device.network(false);
    await edit({ notes: "mine" });
    device.network(true);
    await expect.poll(() => page.replica.state.troubles[0]).toMatchObject({ fields: ["notes"] });
    await page.replica.discard(page.replica.state.troubles[0]?.seq ?? 0);

    // Nor is there anybody to tell where nobody waits: what is asked about or refused stays until the person has seen it.
    const left = (before: Task, fields: object) =>
      page.write.updateTask({ task: { id: "bread", etag: before.etag, ...fields } }, { before, unattended: true });
    await left(seen, { notes: "mine" });
    await expect.poll(() => page.replica.state.troubles[0]).toMatchObject({ fields: ["notes"] });
    await page.replica.discard(page.replica.state.troubles[0]?.seq ?? 0);
    await left(page.replica.base.tasks.get("bread") ?? seen, { title: "x".repeat(501) });
    await expect.poll(() => page.replica.state.troubles[0]).toMatchObject({ kind: "refused" });
    await page.replica.discard(page.replica.state.troubles[0]?.seq ?? 0);

    // Who does not say what they saw has to have seen what is there.
    const unknown = page.write.updateTask({ task: { ...task, title: "x" } });
    expect(reasonOf(await unknown.catch((error: unknown) => error))).toBe("ETAG_MISMATCH");
  });
});
