import type { ComponentChildren } from "preact";
import { Mark } from "./mark";

interface Props {
  title: string;
  hint?: string;
  children: ComponentChildren;
  link: { href: string; label: string };
}

/** A page with one form and one way on. */
export function PlainPage({ title, hint, children, link }: Props) {
  return (
    <main class="account">
      <header class="account-head">
        <Mark />
        <h1>{title}</h1>
        {hint !== undefined && <p class="quiet">{hint}</p>}
      </header>
      {children}
      <p class="account-other">
        <a href={link.href}>{link.label}</a>
      </p>
    </main>
  );
}
