// One browser of one person whose tabs all have a replica, before a service in memory.

import { expect } from "vitest";
import { FakeService } from "./fake_service.js";
import { Replica } from "./replica.js";
import { browser } from "./testing.js";
import { writesOf } from "./writes.js";

/** A tab with the person's tasks in it. */
export interface Tab {
  readonly replica: Replica;
  readonly write: ReturnType<typeof writesOf>;
  /** Goes, as a reload does: nothing is told to anybody. */
  gone(): void;
}

export class Device {
  readonly service = new FakeService();
  readonly #browser = browser();
  readonly #open: Tab[] = [];
  user = { id: crypto.randomUUID() as string, email: "ada@example.org" };

  /** One more tab. `follows` is whether it hears of changes. */
  async tab(follows = true): Promise<Tab> {
    const tabs = this.#browser.openTab();
    const pause = () => new Promise<void>((resolve) => setTimeout(resolve, 5));
    const replica = await Replica.open({ user: this.user, clients: this.service.clients(), tabs, pause });
    const here = new AbortController();
    if (follows) replica.follow(here.signal).catch(() => undefined);
    replica.deliver(here.signal).catch(() => undefined);
    const gone = () => {
      here.abort();
      replica.close();
    };
    const made = { replica, write: writesOf(replica, tabs), gone };
    this.#open.push(made);
    return made;
  }

  network(online: boolean): void {
    this.service.online = online;
    this.#browser.network.online = online;
  }

  close(): void {
    for (const tab of this.#open) tab.gone();
  }
}

export const titles = ({ replica }: Tab) => [...replica.state.store.tasks.values()].map(({ title }) => title).sort();
/** The title is the id. */
export const add = ({ write }: Tab, title: string) => write.createTask({ task: { title }, taskId: title });
export const retitle = ({ write }: Tab, id: string, title: string) =>
  write.updateTask({ task: { id, title }, updateMask: { paths: ["title"] } });
export const sent = ({ replica }: Tab) => expect.poll(() => replica.entries.length, { timeout: 4_000 }).toBe(0);
export const ready = ({ replica }: Tab) => expect.poll(() => replica.state.ready).toBe(true);
