// How a task comes again. A rule that these fields cannot show whole stays as it is until another is chosen.

import { useId } from "preact/hooks";
import { nthInMonth, weekdayOf } from "../../model/civil";
import { formatRule, parseRule, ruleOf, WEEKDAYS, WORKDAYS, type Frequency, type MonthDay, type Rule } from "../../model/rule";
import { ruleWords } from "../../model/rule_words";
import { text } from "../../text";
import { SelectField } from "./select_field";

interface Value {
  readonly rrule: string;
  readonly fromDone: boolean;
}

interface Props extends Value {
  /** The due date; empty when there is none, and nothing can repeat. */
  date: string;
  /** The rule that the task has. */
  stored: string;
  busy: boolean;
  onChange: (value: Partial<Value>) => void;
}

const UNITS = { DAILY: "day", WEEKLY: "week", MONTHLY: "month", YEARLY: "year" } as const;
const KINDS: readonly (readonly [Frequency | "" | "WORKDAYS", string])[] = [
  ["", text.never],
  ["DAILY", text.everyDay],
  ["WORKDAYS", text.everyWeekday],
  ["WEEKLY", text.weekly],
  ["MONTHLY", text.monthly],
  ["YEARLY", text.yearly],
];
const OWN = "OWN";

export function RepeatFields({ rrule, fromDone, date, stored, busy, onChange }: Props) {
  if (date === "") return null;
  const rule = rrule === "" ? undefined : parseRule(rrule);
  const kind = rrule === "" ? "" : rule === undefined ? OWN : isWorkdays(rule) ? "WORKDAYS" : rule.frequency;
  // The way back to what the task has stays open until it is saved.
  const own = [rrule, stored].find((known) => known !== "" && parseRule(known) === undefined);
  const options = [...KINDS, ...(own === undefined ? [] : [[OWN, text.ownRule(ruleWords(own) ?? own)] as const])];
  const set = (rule: Rule) => onChange({ rrule: formatRule(rule) });

  function choose(chosen: string) {
    if (chosen === kind) return;
    if (chosen === "") return onChange({ rrule: "", fromDone: false });
    if (chosen === OWN) return onChange({ rrule: own ?? "" });
    const end = rule?.end ?? { kind: "never" };
    if (chosen === "WORKDAYS") return set(ruleOf("WEEKLY", { weekdays: WORKDAYS, end }));
    const weekdays = chosen === "WEEKLY" ? [WEEKDAYS[weekdayOf(date)] ?? "MO"] : [];
    set(ruleOf(chosen as Frequency, { weekdays, end }));
  }

  return (
    <div class="editor-repeat">
      <div class="editor-row">
        <SelectField label={text.repeat} value={kind} options={options} busy={busy} onValue={choose} />
        {rule !== undefined && kind !== "WORKDAYS" && <Every rule={rule} busy={busy} onRule={set} />}
      </div>
      {kind === "WEEKLY" && rule !== undefined && <Weekdays rule={rule} busy={busy} onRule={set} />}
      {kind === OWN && <p class="quiet editor-hint">{text.rawRule(rrule)}</p>}
      {rrule !== "" && (
        <div class="editor-row">
          {kind === "MONTHLY" && rule !== undefined && <OnDay rule={rule} date={date} busy={busy} onRule={set} />}
          {rule !== undefined && <Ends rule={rule} date={date} busy={busy} onRule={set} />}
          <SelectField
            label={text.countFrom}
            value={fromDone ? "done" : "due"}
            options={[
              ["due", text.fromDue],
              ["done", text.fromDone],
            ]}
            busy={busy}
            onValue={(value) => onChange({ fromDone: value === "done" })}
          />
        </div>
      )}
    </div>
  );
}

const isWorkdays = ({ frequency, interval, weekdays }: Rule) =>
  frequency === "WEEKLY" && interval === 1 && weekdays.join() === WORKDAYS.join();

interface PartProps {
  rule: Rule;
  busy: boolean;
  onRule: (rule: Rule) => void;
}

function Every({ rule, busy, onRule }: PartProps) {
  const id = useId();
  return (
    <div class="editor-field editor-count">
      <label for={id}>{text.everyCount}</label>
      <div class="editor-count-box">
        <input
          id={id}
          type="number"
          min={1}
          max={rule.frequency === "YEARLY" ? 100 : 1000}
          value={rule.interval}
          readOnly={busy}
          onInput={(event) => {
            const interval = event.currentTarget.valueAsNumber;
            if (interval >= 1) onRule({ ...rule, interval: Math.floor(interval) });
          }}
        />
        <span class="quiet">{text.units(UNITS[rule.frequency], rule.interval)}</span>
      </div>
    </div>
  );
}

function Weekdays({ rule, busy, onRule }: PartProps) {
  return (
    <fieldset class="editor-days">
      <legend>{text.onDays}</legend>
      {WEEKDAYS.map((day, index) => {
        const chosen = rule.weekdays.includes(day);
        // One day at least: a week without a day is another rule.
        const only = chosen && rule.weekdays.length === 1;
        return (
          <label key={day} title={text.longWeekdays[index]}>
            <input
              type="checkbox"
              checked={chosen}
              disabled={busy || only}
              onChange={() => {
                const weekdays = WEEKDAYS.filter((known) => (known === day ? !chosen : rule.weekdays.includes(known)));
                onRule({ ...rule, weekdays });
              }}
            />
            <span>{text.weekdays[index]}</span>
          </label>
        );
      })}
    </fieldset>
  );
}

function OnDay({ rule, date, busy, onRule }: PartProps & { date: string }) {
  const weekday = WEEKDAYS[weekdayOf(date)] ?? "MO";
  const choices: MonthDay[] = [
    { kind: "due" },
    { kind: "day", day: Number(date.slice(8)) },
    { kind: "day", day: -1 },
    ...(nthInMonth(date) < 5 ? [{ kind: "weekday", nth: nthInMonth(date), weekday } as const] : []),
    { kind: "weekday", nth: -1, weekday },
    rule.monthDay,
  ];
  const known = new Map(choices.map((choice) => [JSON.stringify(choice), choice]));
  return (
    <SelectField
      label={text.onDay}
      value={JSON.stringify(rule.monthDay)}
      options={[...known].map(([key, choice]) => [key, dayWords(choice)] as const)}
      busy={busy}
      onValue={(key) => onRule({ ...rule, monthDay: known.get(key) ?? rule.monthDay })}
    />
  );
}

function dayWords(day: MonthDay): string {
  if (day.kind === "due") return text.sameDay;
  if (day.kind === "day") return text.monthDay(day.day);
  return text.nthDay(day.nth, text.longWeekdays[WEEKDAYS.indexOf(day.weekday)] ?? "");
}

function Ends({ rule, date, busy, onRule }: PartProps & { date: string }) {
  const id = useId();
  const { end } = rule;
  return (
    <>
      <SelectField
        label={text.ends}
        value={end.kind}
        options={[
          ["never", text.endsNever],
          ["until", text.endsOn],
          ["count", text.endsAfter],
        ]}
        busy={busy}
        onValue={(kind) => {
          if (kind === "until") onRule({ ...rule, end: { kind, date } });
          else onRule({ ...rule, end: kind === "count" ? { kind, count: 10 } : { kind: "never" } });
        }}
      />
      {end.kind === "until" && (
        <div class="editor-field">
          <label for={id}>{text.lastDate}</label>
          <input
            id={id}
            type="date"
            min={date}
            max="9999-12-31"
            value={end.date}
            readOnly={busy}
            onInput={(event) => {
              if (event.currentTarget.value !== "") onRule({ ...rule, end: { kind: "until", date: event.currentTarget.value } });
            }}
          />
        </div>
      )}
      {end.kind === "count" && (
        <div class="editor-field">
          <label for={id}>{text.times}</label>
          <input
            id={id}
            type="number"
            min={1}
            value={end.count}
            readOnly={busy}
            onInput={(event) => {
              const count = event.currentTarget.valueAsNumber;
              if (count >= 1) onRule({ ...rule, end: { kind: "count", count: Math.floor(count) } });
            }}
          />
        </div>
      )}
    </>
  );
}
