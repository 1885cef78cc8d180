// Views across all lists: what is due today and later, what has a label, and what was found. Pure.

import { Task_State, type Task } from "tandem-client/gen/tandem/tasks/v1/task_pb";
import { addDays } from "./civil";
import { compare, tasksOf, type Row } from "./rows";
import type { Held } from "tandem-client";
import { dueAt } from "./when";

/** Rows under one heading. */
export interface Section {
  readonly key: string;
  /** Unset when the view has but one. */
  readonly title?: string;
  readonly tone?: "late";
  readonly rows: readonly Row[];
}

/** Where and when the person is. */
export interface Present {
  readonly now: Date;
  readonly zone: string;
  readonly today: string;
}

/** Open tasks with their due as it is where the person is, the earliest first; `stays` as in rowsOf. */
function dueRows(held: Held, { zone }: Present, stays: ReadonlySet<string>): { row: Row; date: string }[] {
  return tasksOf(held)
    .filter((task) => task.due !== undefined && (task.state === Task_State.OPEN || stays.has(task.id)))
    .map((task) => ({ task, due: dueAt(task.due!, zone) }))
    .sort((a, b) => compare(a.due.date, b.due.date) || byTime(a.due.time, b.due.time) || byWeight(a.task, b.task))
    .map(({ task, due: { date } }) => ({ row: rowOf(held, task), date }));
}

/** What is all day comes before what has a time. */
const byTime = (a: string, b: string) => compare(a, b);
const byWeight = (a: Task, b: Task) => b.priority - a.priority || compare(a.rank, b.rank) || compare(a.id, b.id);

/** Everything that is due today or was before. */
export function todayOf(held: Held, present: Present, stays: ReadonlySet<string>, words: { late: string; today: string }): Section[] {
  const rows = dueRows(held, present, stays);
  return sections([
    { key: "late", title: words.late, tone: "late", rows: rows.filter(({ date }) => date < present.today).map(({ row }) => row) },
    { key: "today", title: words.today, rows: rows.filter(({ date }) => date === present.today).map(({ row }) => row) },
  ]);
}

/** Everything that is due after today: a section for each of the next seven days, and one for each month behind them. */
export function upcomingOf(
  held: Held,
  present: Present,
  stays: ReadonlySet<string>,
  words: { day: (date: string) => string; month: (date: string) => string },
): Section[] {
  const far = addDays(present.today, 7);
  const found = new Map<string, { title: string; rows: Row[] }>();
  for (const { row, date } of dueRows(held, present, stays)) {
    if (date <= present.today) continue;
    const [key, title] = date <= far ? [date, words.day(date)] : [date.slice(0, 7), words.month(date)];
    const section = found.get(key);
    if (section === undefined) found.set(key, { title, rows: [row] });
    else section.rows.push(row);
  }
  return [...found].map(([key, section]) => ({ key, ...section }));
}

/** Open tasks with a label, by due date and then as they stand. */
export function labelled(held: Held, label: string, zone: string, stays: ReadonlySet<string>): Section[] {
  const key = ({ due }: Task) => {
    const { date, time } = due === undefined ? { date: "9999-99", time: "" } : dueAt(due, zone);
    return `${date} ${time}`;
  };
  const tasks = tasksOf(held).filter(
    (task) => task.labels.includes(label) && (task.state === Task_State.OPEN || stays.has(task.id)),
  );
  return sections([
    { key: label, rows: tasks.sort((a, b) => compare(key(a), key(b)) || byWeight(a, b)).map((task) => rowOf(held, task)) },
  ]);
}

/** Tasks that a search found, in its order, as they are now. */
export function foundRows(held: Held, tasks: readonly Task[]): Row[] {
  return tasks.flatMap((found) => {
    const task = held.pending.get(found.id) ?? held.store.tasks.get(found.id) ?? found;
    return task.deleteTime === undefined ? [rowOf(held, task)] : [];
  });
}

/** Every label in use outside the trash, with how many open tasks have it. */
export function labelsOf(held: Held): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { labels, state } of tasksOf(held)) {
    for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + (state === Task_State.OPEN ? 1 : 0));
  }
  return new Map([...counts].sort(([a], [b]) => a.localeCompare(b)));
}

/** How many tasks are due today or were before, and are not done. */
export function dueCount(held: Held, { zone, today }: Present): number {
  return tasksOf(held).filter(
    ({ state, due }) => state === Task_State.OPEN && due !== undefined && dueAt(due, zone).date <= today,
  ).length;
}

/** Tasks that can be the whole of which `id` is a part: in that list, and not below it themselves. */
export function parentsFor(held: Held, id: string, listId: string): Task[] {
  const below = (task: Task): boolean => {
    for (let at: Task | undefined = task, level = 0; at !== undefined && level < 8; level += 1) {
      if (at.id === id) return true;
      at = held.store.tasks.get(at.parentId);
    }
    return false;
  };
  return tasksOf(held)
    .filter((task) => task.listId === listId && task.state === Task_State.OPEN && !below(task))
    .sort((a, b) => compare(a.rank, b.rank) || compare(a.id, b.id));
}

function rowOf(held: Held, task: Task): Row {
  return {
    task,
    depth: 0,
    saving: held.pending.has(task.id),
    partOf: held.store.tasks.get(task.parentId)?.title,
    inList: held.store.lists.get(task.listId)?.title,
  };
}

const sections = (all: Section[]): Section[] => all.filter(({ rows }) => rows.length > 0);
