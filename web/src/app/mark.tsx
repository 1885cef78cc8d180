// The sign of Tandem: apart from the other pictures, since it is the only one that is drawn at once.

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
