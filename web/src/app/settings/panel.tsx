import type { ComponentChildren, Ref } from "preact";
import { useId } from "preact/hooks";

interface Props {
  title: string;
  heading?: Ref<HTMLHeadingElement>;
  children: ComponentChildren;
}

/** One matter of the account, under its heading. */
export function Panel({ title, heading, children }: Props) {
  const id = useId();
  return (
    <section class="card panel" aria-labelledby={id}>
      <h2 id={id} {...(heading && { ref: heading, tabIndex: -1 })}>
        {title}
      </h2>
      {children}
    </section>
  );
}
