// Notes as their author meant them. The reader of Markdown comes when the first notes do; until then they are plain.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { text } from "../../text";

type Render = typeof import("./markdown").render;
let loaded: Render | undefined;

export function Notes({ notes }: { notes: string }) {
  const box = useRef<HTMLDivElement>(null);
  const [render, setRender] = useState(() => loaded);
  const [open, setOpen] = useState(false);
  const [long, setLong] = useState(false);

  useEffect(() => {
    if (loaded !== undefined) return;
    let wanted = true;
    // Without it, plain notes are still notes.
    import("./markdown").then(
      (module) => {
        loaded = module.render;
        if (wanted) setRender(() => module.render);
      },
      () => undefined,
    );
    return () => {
      wanted = false;
    };
  }, []);

  useLayoutEffect(() => {
    if (box.current === null) return;
    if (render === undefined) box.current.textContent = notes;
    else box.current.replaceChildren(render(notes));
    setLong(box.current.scrollHeight > box.current.clientHeight + 2);
  }, [notes, render]);

  return (
    <>
      <div class={open ? "task-notes task-notes-open quiet" : "task-notes quiet"} ref={box} dir="auto" />
      {(long || open) && (
        <button type="button" class="task-notes-more" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? text.showLessNotes : text.showAllNotes}
        </button>
      )}
    </>
  );
}
