// What is due today, and what comes after it, from all lists.

import { listsOf } from "../../model/rows";
import { todayOf, upcomingOf } from "../../model/views";
import { browserZone, civilAt, civilOf, dayTitle, monthTitle, shortDay, whenOf } from "../../model/when";
import { text } from "../../text";
import type { Live } from "../use_live";
import { useNow } from "../use_now";
import { AddTask } from "./add_task";
import { Empty } from "./empty";
import { Saved } from "./saved";
import { TaskList } from "./task_list";
import { useAdd } from "./use_add";
import type { Act } from "./use_tasks";

interface Props {
  page: "today" | "upcoming";
  live: Live;
  act: Act;
}

export function DayPage({ page, live, act }: Props) {
  const { held } = live;
  const now = useNow();
  const zone = browserZone();
  const today = civilAt(now, zone).date;
  const present = { now, zone, today };
  const isToday = page === "today";
  const { add, added, told } = useAdd(
    act,
    (task) => {
      const due = task.due ?? whenOf({ date: today, time: "" }, "", undefined);
      return { ...task, ...(due && { due }) };
    },
    ({ title, due }) => {
      const { date } = civilOf(due);
      return date > today ? text.addedFor(title, shortDay(date, today)) : undefined;
    },
  );
  return (
    <>
      <div class="list-head">
        <h1 tabIndex={-1}>{isToday ? text.todayView : text.upcoming}</h1>
        <Saved held={held} act={act} told={told} />
      </div>
      {isToday && <AddTask label={text.newTask} hint={text.newToday} lists={listsOf(held.store)} onAdd={add} />}
      <TaskList
        sections={(stays) =>
          isToday
            ? todayOf(held, present, stays, { late: text.overdueTitle, today: dayTitle(today, today) })
            : upcomingOf(held, present, stays, {
                day: (date) => dayTitle(date, today),
                month: (date) => monthTitle(date, today),
              })
        }
        ordered={false}
        label={isToday ? text.todayView : text.upcoming}
        live={live}
        act={act}
        added={added}
        empty={
          isToday ? (
            <Empty title={text.noneToday} hint={text.noneTodayHint} />
          ) : (
            <Empty title={text.noneUpcoming} hint={text.noneUpcomingHint} />
          )
        }
      />
    </>
  );
}
