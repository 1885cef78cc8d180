// No IndexedDB is made here: this is what a browser without one has.

import { expect, it } from "vitest";
import { openDisk } from "./disk.js";
import { FakeService } from "./fake_service.js";
import { Replica } from "./replica.js";
import { browser } from "./testing.js";
import { writesOf } from "./writes.js";

const user = { id: "ada", email: "ada@example.org" };
const head = { turn: 0, life: "one", email: user.email };
const pause = () => new Promise<void>((resolve) => setTimeout(resolve, 5));

it("without IndexedDB a replica follows and sends from memory, says so, and is alone with what it holds", async () => {
  const service = new FakeService();
  service.change("bread", { title: "bread" });
  const { openTab } = browser();
  const here = new AbortController();
  const open = async () => {
    const tabs = openTab();
    const replica = await Replica.open({ user, clients: service.clients(), tabs, pause });
    replica.follow(here.signal).catch(() => undefined);
    replica.deliver(here.signal).catch(() => undefined);
    return { replica, write: writesOf(replica, tabs) };
  };
  const [one, other] = [await open(), await open()];
  expect(one.replica.state.lasting).toBe(false);
  await expect.poll(() => other.replica.state.ready).toBe(true);
  await one.write.createTask({ task: { title: "milk" }, taskId: "milk" });
  expect(service.done).toEqual(["create milk"]);
  await expect.poll(() => [...other.replica.state.store.tasks.keys()].sort()).toEqual(["bread", "milk"]);
  here.abort();
});

it("in memory, work that fails leaves nothing behind, and the next one waits for its turn", async () => {
  const disk = await openDisk(user.id);
  await disk.write((tables) => tables.putHead(head));
  const failed = disk.write(async (tables) => {
    await tables.putThing({ kind: "task", id: "bread", bytes: new Uint8Array() });
    await tables.putHead({ ...head, turn: 1 });
    throw new Error("halfway");
  });
  const next = disk.read(async (tables) => ({ head: await tables.head(), things: await tables.things() }));
  await expect(failed).rejects.toThrow("halfway");
  expect(await next).toEqual({ head, things: [] });
});
