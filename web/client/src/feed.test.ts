import type { MessageInitShape } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient, createRouterTransport } from "@connectrpc/connect";
import { beforeEach, describe, expect, it } from "vitest";
import { Change_Kind, ChangeSchema, ChangeService } from "./gen/tandem/tasks/v1/change_service_pb.js";
import { reasonOf } from "./errors.js";
import { Feed, type Sink } from "./feed.js";
import type { Pause } from "./retry.js";
import type { Update } from "./store.js";
import { list, refusal, task } from "./testing.js";

/** task-service as one page sees it: a feed of changes whose tokens count them. */
class Service {
  readonly changes: MessageInitShape<typeof ChangeSchema>[] = [];
  readonly lists: string[] = [];
  readonly watches: string[] = [];
  pageSize = 100;
  /** What the next calls fail with, one after the other. */
  listFaults: Error[] = [];
  watchFaults: Error[] = [];
  #wake = () => {};
  #ends = false;

  client() {
    return createClient(
      ChangeService,
      createRouterTransport(({ service }) => {
        service(ChangeService, {
          listChanges: ({ syncToken }) => {
            this.lists.push(syncToken);
            const fault = this.listFaults.shift();
            if (fault !== undefined) throw fault;
            const from = Number(syncToken);
            const to = Math.min(this.changes.length, from + this.pageSize);
            return {
              changes: this.changes.slice(from, to),
              nextSyncToken: String(to),
              hasMore: to < this.changes.length,
            };
          },
          watchChanges: ({ syncToken }, { signal }) => this.#watch(syncToken, signal),
        });
      }),
    );
  }

  async *#watch(syncToken: string, signal: AbortSignal) {
    this.watches.push(syncToken);
    const fault = this.watchFaults.shift();
    if (fault !== undefined) throw fault;
    this.#ends = false;
    let from = Number(syncToken);
    while (!signal.aborted && !this.#ends) {
      const changes = this.changes.slice(from);
      from = this.changes.length;
      yield { changes, nextSyncToken: String(from), checkpoint: true };
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        signal.addEventListener("abort", () => resolve());
      });
    }
  }

  put(...ids: string[]): void {
    for (const id of ids) this.changes.push({ change: { case: "task", value: task(id) } });
    this.#wake();
  }

  endStream(): void {
    this.#ends = true;
    this.#wake();
  }
}

describe("the feed", () => {
  let service: Service;
  let said: string[];
  let pauses: number[];
  let feed: Feed;
  let running: AbortController;
  const waitFor = (words: string[]) => expect.poll(() => said).toEqual(words);

  beforeEach(() => {
    service = new Service();
    said = [];
    pauses = [];
    const sink: Sink = {
      replace: async (updates) => void said.push("anew", ...updates.map(wordOf)),
      arrived: async (updates) => void said.push(...updates.map(wordOf)),
      live: () => said.push("live"),
      late: (error) => said.push(reasonOf(error) ?? "unreachable"),
    };
    const pause: Pause = async (millis, signal) => {
      pauses.push(millis);
      // Somebody who fails for ever must not keep the test busy.
      if (pauses.length > 5) await new Promise((resolve) => signal.addEventListener("abort", resolve));
    };
    feed = new Feed(service.client(), sink, { pause });
    running = new AbortController();
    return () => running.abort();
  });

  it("brings everything that exists, page by page, and then every change", async () => {
    service.pageSize = 2;
    service.put("a", "b", "c");
    void feed.run(running.signal);
    await waitFor(["anew", "task a", "task b", "task c", "live"]);
    service.put("d");
    await expect.poll(() => said.at(-1)).toBe("task d");
    expect(service.lists).toEqual(["", "2"]);
    expect(service.watches).toEqual(["3"]);
  });

  it("brings lists and removals, and passes over what it does not show", async () => {
    service.changes.push(
      { change: { case: "list", value: list("home") } },
      { change: { case: "completion", value: {} } },
      { change: { case: "removed", value: { kind: Change_Kind.TASK, id: "a" } } },
      { change: { case: undefined } },
    );
    void feed.run(running.signal);
    await waitFor(["anew", "list home", "-a", "live"]);
  });

  it("goes on where a stream ended, without a word", async () => {
    void feed.run(running.signal);
    await waitFor(["anew", "live"]);
    service.put("a");
    await expect.poll(() => said.at(-1)).toBe("task a");
    service.endStream();
    await expect.poll(() => service.watches).toEqual(["0", "1"]);
    service.put("b");
    await expect.poll(() => said.at(-1)).toBe("task b");
    expect(said.filter((word) => word !== "live")).toEqual(["anew", "task a", "task b"]);
  });

  it("goes on where it was stopped when it runs again", async () => {
    service.put("a");
    void feed.run(running.signal);
    await waitFor(["anew", "task a", "live"]);
    running.abort();
    service.put("b");
    running = new AbortController();
    void feed.run(running.signal);
    await waitFor(["anew", "task a", "live", "task b", "live"]);
  });

  it("starts from nothing when its token is too old", async () => {
    service.put("a");
    void feed.run(running.signal);
    await waitFor(["anew", "task a", "live"]);
    running.abort();
    said.length = 0;
    service.listFaults = [refusal(Code.FailedPrecondition, "SYNC_TOKEN_EXPIRED")];
    running = new AbortController();
    void feed.run(running.signal);
    await waitFor(["anew", "task a", "live"]);
    expect(service.lists.slice(-2)).toEqual(["1", ""]);
  });

  it("says why when there is nothing to show, and waits longer each time", async () => {
    service.listFaults = Array(9).fill(refusal(Code.Unavailable, "DATABASE_UNAVAILABLE"));
    void feed.run(running.signal);
    await expect.poll(() => pauses.length).toBe(6);
    expect(said).toContain("DATABASE_UNAVAILABLE");
    pauses.forEach((millis, index) => {
      const longest = Math.min(30_000, 1_000 * 2 ** index);
      expect(millis).toBeGreaterThanOrEqual(longest / 2);
      expect(millis).toBeLessThanOrEqual(longest);
    });
  });

  it("falls back to asking now and then where no stream can be had, and says so", async () => {
    service.watchFaults = Array(9).fill(refusal(Code.ResourceExhausted, "QUOTA_EXCEEDED"));
    void feed.run(running.signal);
    await expect.poll(() => pauses.length).toBe(6);
    expect(said.filter((word) => word === "QUOTA_EXCEEDED")).toHaveLength(5);
    expect(service.lists).toHaveLength(6);
    expect(said).not.toContain("live");
  });

  it("says nothing of a stream that breaks once", async () => {
    service.watchFaults = [new ConnectError("cut", Code.Unavailable)];
    void feed.run(running.signal);
    await waitFor(["anew", "live"]);
  });
});

function wordOf(update: Update): string {
  if (update.kind === "removed") return `-${update.id}`;
  return update.kind === "task" ? `task ${update.task.id}` : `list ${update.list.id}`;
}
