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

export function ArrowUp() {
  return (
    <Icon>
      <path d="M12 19V5.5M6 11.5l6-6 6 6" />
    </Icon>
  );
}

export function ArrowDown() {
  return (
    <Icon>
      <path d="M12 5v13.5M6 12.5l6 6 6-6" />
    </Icon>
  );
}

export function Flag() {
  return (
    <Icon>
      <path d="M6 20V4.5M6 5h11.5l-2.5 4 2.5 4H6" />
    </Icon>
  );
}

export function Grip() {
  return (
    <Icon>
      <path d="M9 6h.01M9 12h.01M9 18h.01M15 6h.01M15 12h.01M15 18h.01" />
    </Icon>
  );
}

export function Inbox() {
  return (
    <Icon>
      <path d="M4.5 13.5l2.2-8h10.6l2.2 8v5h-15zM4.5 13.5h4l1.2 2.5h4.6l1.2-2.5h4" />
    </Icon>
  );
}

export function Sun() {
  return (
    <Icon>
      <circle cx="12" cy="12" r="3.75" />
      <path d="M12 3.5v1.75M12 18.75v1.75M3.5 12h1.75M18.75 12h1.75M6 6l1.2 1.2M16.8 16.8L18 18M18 6l-1.2 1.2M7.2 16.8L6 18" />
    </Icon>
  );
}

export function Calendar() {
  return (
    <Icon>
      <path d="M4.75 6.5h14.5v12.75H4.75zM4.75 10.5h14.5M8.5 4v4M15.5 4v4" />
    </Icon>
  );
}

export function Glass() {
  return (
    <Icon>
      <circle cx="10.5" cy="10.5" r="5.75" />
      <path d="M15 15l4.75 4.75" />
    </Icon>
  );
}

export function Tag() {
  return (
    <Icon>
      <path d="M4.5 4.5h7l8 8-7 7-8-8zM8.5 8.5h.01" />
    </Icon>
  );
}
