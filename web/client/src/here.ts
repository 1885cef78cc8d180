// Whether somebody was signed in on this device, for a page that wants to know before it has loaded anything else. It
// imports nothing, and must stay so.

/** Under which name `tabs.ts` keeps the person. */
export const PERSON = "tandem.person";

/** A true may be wrong: the session may have ended since. */
export function wasHere(): boolean {
  try {
    return localStorage.getItem(PERSON) !== null;
  } catch {
    return false;
  }
}
