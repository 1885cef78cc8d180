// Search as it is typed. The service finds; what was found is shown as it is now, and can be changed in its place.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { failureOf, type Failure } from "../../failure";
import type { TaskClients } from "tandem-client";
import type { SearchResult } from "tandem-client/gen/tandem/tasks/v1/task_service_pb";
import type { Row } from "../../model/rows";
import { foundRows } from "../../model/views";
import { text } from "../../text";
import { Glass } from "../icons";
import { Notice } from "../notice";
import { searchHref } from "../place";
import { shortcutsOn } from "../shortcuts";
import type { Live } from "../use_live";
import { Empty } from "./empty";
import { Marked } from "./marked_words";
import { TaskList } from "./task_list";
import type { Act } from "./use_tasks";

const PAUSE_MILLIS = 200;
const PAGE_SIZE = 50;

interface Props {
  query: string;
  clients: Pick<TaskClients, "tasks">;
  live: Live;
  act: Act;
}

interface Found {
  readonly query: string;
  readonly results: readonly SearchResult[];
  readonly next: string;
}

export function SearchPage({ query: asked, clients, live, act }: Props) {
  const input = useRef<HTMLInputElement>(null);
  const added = useRef<string>(undefined);
  const [typed, setTyped] = useState(asked);
  const [found, setFound] = useState<Found>();
  const [failure, setFailure] = useState<Failure>();
  const [tries, setTries] = useState(0);
  const query = typed.trim();

  useLayoutEffect(() => input.current?.focus(), []);

  useEffect(() => {
    setFailure(undefined);
    if (query === "") return setFound(undefined);
    const asking = new AbortController();
    const timer = setTimeout(() => {
      // The address follows without a step in the history for every letter.
      history.replaceState(history.state, "", searchHref(query));
      clients.tasks.searchTasks({ query, pageSize: PAGE_SIZE }, { signal: asking.signal }).then(
        ({ results, nextPageToken: next }) => setFound({ query, results, next }),
        (error: unknown) => asking.signal.aborted || setFailure(failureOf(error)),
      );
    }, PAUSE_MILLIS);
    return () => {
      clearTimeout(timer);
      asking.abort();
    };
  }, [query, tries]);

  async function more(before: Found) {
    try {
      const request = { query: before.query, pageSize: PAGE_SIZE, pageToken: before.next };
      const { results, nextPageToken: next } = await clients.tasks.searchTasks(request);
      setFound({ query: before.query, results: [...before.results, ...results], next });
    } catch (error) {
      setFailure(failureOf(error));
    }
  }

  const rows = foundRows(live.held, found?.results.flatMap(({ task }) => task ?? []) ?? []);
  const snippets = new Map(found?.results.map(({ task, snippet }) => [task?.id, snippet]));
  const status =
    query === "" ? "" : found?.query === query ? text.found(rows.length, found.next !== "") : `${text.searching}…`;
  // What the title says already is not said twice.
  const instead = ({ task }: Row) => {
    const snippet = plain(snippets.get(task.id) ?? "");
    return snippet === "" || task.title.includes(snippet.replaceAll("…", "").trim()) ? undefined : (
      <p class="snippet quiet" dir="auto">
        <Marked text={snippet} query={found?.query ?? ""} />
      </p>
    );
  };

  return (
    <>
      <div class="list-head">
        <h1 tabIndex={-1}>{text.search}</h1>
        <p class="quiet tasks-status" role="status">
          {failure === undefined ? status : ""}
        </p>
      </div>
      <form class="card add-box search-box" role="search" onSubmit={(event) => event.preventDefault()}>
        <div class="add-line">
          <Glass />
          <input
            ref={input}
            type="search"
            id="search-input"
            value={typed}
            onInput={(event) => setTyped(event.currentTarget.value)}
            aria-label={text.search}
            placeholder={text.searchHint}
            maxLength={200}
            autocomplete="off"
            enterkeyhint="search"
            dir="auto"
          />
        </div>
      </form>
      {failure !== undefined && (
        <Notice tone="bad" action={text.tryAgain} onAction={() => setTries(tries + 1)}>
          {Object.values(failure.fields)[0] ?? failure.text}
        </Notice>
      )}
      {found === undefined ? (
        query === "" && (
          <Empty title={text.searchIdle} hint={shortcutsOn() ? text.searchIdleHint : text.searchIdlePlain} />
        )
      ) : (
        <TaskList
          sections={() => [{ key: "found", rows }]}
          ordered={false}
          label={text.results}
          live={live}
          act={act}
          added={added}
          empty={<Empty title={text.foundNone(found.query)} hint={text.foundNoneHint} />}
          instead={instead}
        />
      )}
      {found !== undefined && found.next !== "" && (
        <button type="button" class="button button-quiet tasks-more" onClick={() => void more(found)}>
          {text.showMore}
        </button>
      )}
    </>
  );
}

/** Without the signs of Markdown, which say nothing in a line cut out of it. */
const plain = (snippet: string) =>
  snippet
    .replace(/\*\*|__|`|\]\([^)]*\)?|[[\]]|(?<=^|\s)(?:#{1,6}|>)(?=\s)/g, "")
    .replace(/\s+/g, " ")
    .trim();
