// Drawn here, so that the page asks nobody for pictures. All are decoration: the words stand in labels.

import type { ComponentChildren } from "preact";

function Icon({ children }: { children: ComponentChildren }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {children}
    </svg>
  );
}

export function Bin() {
  return (
    <Icon>
      <path d="M4.5 7h15M9.5 7V4.5h5V7M6.5 7l.8 12.5h9.4L17.5 7M10.2 10.5v5.5M13.8 10.5v5.5" />
    </Icon>
  );
}

export function Cross() {
  return (
    <Icon>
      <path d="M6.5 6.5l11 11M17.5 6.5l-11 11" />
    </Icon>
  );
}

export function Menu() {
  return (
    <Icon>
      <path d="M4.5 7h15M4.5 12h15M4.5 17h15" />
    </Icon>
  );
}

export function Pencil() {
  return (
    <Icon>
      <path d="M4.75 19.25l.9-3.9L15.9 5.1l3 3L8.65 18.35zM13.75 7.25l3 3" />
    </Icon>
  );
}

export function Plus() {
  return (
    <Icon>
      <path d="M12 5.5v13M5.5 12h13" />
    </Icon>
  );
}

export function Repeat() {
  return (
    <Icon>
      <path d="M5 11V9.75C5 8 6.25 7 8 7h10.5M15.5 4l3 3-3 3M19 13v1.25C19 16 17.75 17 16 17H5.5M8.5 20l-3-3 3-3" />
    </Icon>
  );
}

export function Person() {
  return (
    <Icon>
      <circle cx="12" cy="8.5" r="3.75" />
      <path d="M4.75 19.5c.9-3.6 3.7-5.25 7.25-5.25s6.35 1.65 7.25 5.25" />
    </Icon>
  );
}

/** Two wheels, one in front of the other. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="9" />
      <circle cx="11.5" cy="16" r="5.75" />
      <circle cx="20.5" cy="16" r="5.75" />
    </svg>
  );
}
