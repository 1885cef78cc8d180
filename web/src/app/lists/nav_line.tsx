import type { ComponentChildren } from "preact";
import { text } from "../../text";
import { Grip } from "../icons";

interface Props {
  href: string;
  current: "page" | undefined;
  title: string;
  icon?: ComponentChildren;
  count?: number | undefined;
  /** Set for what can be moved. */
  id?: string;
  dragged?: boolean;
  onGrip?: (event: PointerEvent) => void;
  onStep?: (by: -1 | 1) => void;
}

/** The way to one place, and how much is to be done there. */
export function Line({ href, current, title, icon, count = 0, id, dragged = false, onGrip, onStep }: Props) {
  function key(event: KeyboardEvent) {
    if (onStep === undefined || !event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
    event.preventDefault();
    onStep(event.key === "ArrowUp" ? -1 : 1);
  }
  return (
    <li class={dragged ? "lists-item task-dragged" : "lists-item"} data-id={id} onKeyDown={key}>
      {onGrip !== undefined && (
        <span class="grip" aria-hidden="true" title={text.moveTask(title)} onPointerDown={onGrip}>
          <Grip />
        </span>
      )}
      <a
        class="lists-line"
        href={href}
        aria-current={current}
        aria-keyshortcuts={onStep && "Alt+ArrowUp Alt+ArrowDown"}
        // A link is dragged by the browser otherwise.
        draggable={false}
      >
        {icon}
        <span class="lists-title" dir="auto">
          {title}
        </span>
        {count > 0 && (
          <span class="lists-count">
            <span aria-hidden="true">{count}</span>
            <span class="unseen">{text.openCount(count)}</span>
          </span>
        )}
      </a>
    </li>
  );
}
