import type { MessageInitShape } from "@bufbuild/protobuf";
import { Code, createClient, createRouterTransport } from "@connectrpc/connect";
import { beforeEach, describe, expect, it } from "vitest";
import { refusal } from "../api/testing";
import { Change_Kind, ChangeSchema, ChangeService } from "../gen/tandem/tasks/v1/change_service_pb";
import { reasonText } from "../text";
import { Feed, type Sink } from "./feed";
import { list, task } from "./testing";

/** task-service as one page sees it: a feed of changes whose tokens count them. */
class Service {
  readonly changes: MessageInitShape<typeof ChangeSchema>[] = [];
  readonly lists: string[] = [];
  pageSize = 100;
  /** What the next calls fail with, one after the other. */
  listFaults: Error[] = [];

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
        });
      }),
    );
  }

  put(...ids: string[]): void {
    for (const id of ids) this.changes.push({ change: { case: "task", value: task(id) } });
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
      restart: () => said.push("restart"),
      arrived: (updates) =>
        said.push(
          ...updates.map((update) => (update.kind === "removed" ? `-${update.id}` : `${update.kind} ${idOf(update)}`)),
        ),
      whole: () => said.push("whole"),
      live: () => said.at(-1) !== "live" && said.push("live"),
      late: (failure) => said.push(failure.text),
    };
    feed = new Feed(service.client(), sink, async (millis, signal) => {
      pauses.push(millis);
      // A while, so that a test can do something; and no feed must keep a test busy for ever.
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (pauses.length > 50 || millis > 30_000) await new Promise((resolve) => signal.addEventListener("abort", resolve));
    });
    running = new AbortController();
    return () => running.abort();
  });

  it("brings everything that exists, page by page, and then every change", async () => {
    service.pageSize = 2;
    service.put("a", "b", "c");
    void feed.run(running.signal);
    await waitFor(["restart", "task a", "task b", "task c", "whole", "live"]);
    service.put("d");
    await expect.poll(() => said).toContain("task d");
    expect(service.lists.slice(0, 3)).toEqual(["", "2", "3"]);
  });

  it("brings lists and removals, and passes over what it does not show", async () => {
    service.changes.push(
      { change: { case: "list", value: list("home") } },
      { change: { case: "completion", value: {} } },
      { change: { case: "removed", value: { kind: Change_Kind.TASK, id: "a" } } },
      { change: { case: undefined } },
    );
    void feed.run(running.signal);
    await waitFor(["restart", "list home", "-a", "whole", "live"]);
  });

  it("goes on where it was stopped when it runs again", async () => {
    service.put("a");
    void feed.run(running.signal);
    await waitFor(["restart", "task a", "whole", "live"]);
    running.abort();
    service.put("b");
    running = new AbortController();
    void feed.run(running.signal);
    await waitFor(["restart", "task a", "whole", "live", "task b", "live"]);
  });

  it("starts from nothing when its token is too old", async () => {
    service.put("a");
    void feed.run(running.signal);
    await waitFor(["restart", "task a", "whole", "live"]);
    running.abort();
    said.length = 0;
    service.listFaults = [refusal(Code.FailedPrecondition, "SYNC_TOKEN_EXPIRED")];
    running = new AbortController();
    void feed.run(running.signal);
    await waitFor(["restart", "task a", "whole", "live"]);
    expect(service.lists).toContain("");
  });

  it("says why when there is nothing to show, and waits longer each time", async () => {
    service.listFaults = Array(9).fill(refusal(Code.Unavailable, "DATABASE_UNAVAILABLE"));
    void feed.run(running.signal);
    await expect.poll(() => pauses.length).toBeGreaterThan(5);
    expect(said).toContain(reasonText.DATABASE_UNAVAILABLE);
    pauses.slice(0, 5).forEach((millis, index) => {
      expect(millis).toBeGreaterThanOrEqual(500 * 2 ** index);
      expect(millis).toBeLessThanOrEqual(1_000 * 2 ** index);
    });
  });
});

function idOf(update: Exclude<Parameters<Sink["arrived"]>[0][number], { kind: "removed" }>): string {
  return update.kind === "task" ? update.task.id : update.list.id;
}
