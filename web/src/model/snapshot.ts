// Everything that exists, asked for page by page. What is done with it is not known here.

import { failureOf, type Failure } from "../api/errors";
import type { TaskClients } from "../api/transport";
import type { Update } from "./store";

export interface Sink {
  /** Everything comes again, from the first object on. */
  restart(): void;
  arrived(updates: readonly Update[]): void;
  /** Everything that exists has arrived. */
  whole(): void;
  failed(failure: Failure): void;
}

const ALL = { showDeleted: true, pageSize: 1_000 };

export async function bringAll({ lists, tasks }: TaskClients, sink: Sink, signal: AbortSignal): Promise<void> {
  try {
    sink.restart();
    for (let pageToken: string | undefined = ""; pageToken !== undefined; ) {
      const page = await lists.listLists({ ...ALL, pageToken }, { signal });
      sink.arrived(page.lists.map((list) => ({ kind: "list", list })));
      pageToken = page.nextPageToken || undefined;
    }
    for (let pageToken: string | undefined = ""; pageToken !== undefined; ) {
      const page = await tasks.listTasks({ ...ALL, pageToken }, { signal });
      sink.arrived(page.tasks.map((task) => ({ kind: "task", task })));
      pageToken = page.nextPageToken || undefined;
    }
    sink.whole();
  } catch (error) {
    if (!signal.aborted) sink.failed(failureOf(error));
  }
}
