import type { ComponentChildren } from "preact";

interface Props {
  /** `bad` interrupts a screen reader, `calm` waits for a pause. */
  tone: "bad" | "calm";
  children: ComponentChildren;
  action?: string;
  onAction?: () => void;
}

/** Something that the person should know, with at most one thing to do about it. */
export function Notice({ tone, children, action, onAction }: Props) {
  return (
    <div class={`notice notice-${tone}`} role={tone === "bad" ? "alert" : "status"}>
      <p>{children}</p>
      {action !== undefined && (
        <button type="button" class="button button-quiet" onClick={onAction}>
          {action}
        </button>
      )}
    </div>
  );
}
