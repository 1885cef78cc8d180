import { useState } from "preact/hooks";
import { failureOf } from "../failure";
import type { SessionKeeper } from "tandem-client";
import type { User } from "tandem-client/gen/tandem/auth/v1/user_pb";
import { text } from "../text";
import { Person } from "./icons";
import { Mark } from "./mark";
import { Notice } from "./notice";

interface Props {
  user: User;
  keeper: SessionKeeper;
  /** Edits that would be lost. */
  unsent: number;
  /** Leaves what is open, waits a moment for what is on its way, and says whether nothing would be lost. */
  onLeaving: () => Promise<boolean>;
  atAccount: boolean;
}

/** Whose tasks these are, the way to their account, and the way out. */
export function TopBar({ user, keeper, unsent, onLeaving, atAccount }: Props) {
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string>();
  const [warned, setWarned] = useState(false);

  async function signOut(anyway: boolean) {
    if (busy) return;
    setBusy(true);
    setFault(undefined);
    setWarned(anyway);
    if (!anyway && !(await onLeaving())) {
      setWarned(true);
      return setBusy(false);
    }
    try {
      await keeper.signOut();
      location.replace("#sign-in");
    } catch (error) {
      setFault(failureOf(error).text);
      setBusy(false);
    }
  }

  return (
    <header class="top">
      <div class="top-bar">
        <a class="brand" href="#open">
          <Mark />
          <span class="brand-name">{text.product}</span>
        </a>
        <a class="top-user" href="#account" title={user.email} aria-current={atAccount ? "page" : undefined}>
          <span class="unseen">{text.account}: </span>
          <Person />
          <span class="top-name">{user.displayName || user.email}</span>
        </a>
        <button type="button" class="button button-quiet" aria-disabled={busy} onClick={() => void signOut(false)}>
          {busy ? `${text.signingOut}…` : text.signOut}
        </button>
      </div>
      {warned && unsent > 0 && fault === undefined && (
        <Notice tone="bad" action={text.signOutAnyway} onAction={() => void signOut(true)}>
          {text.unsentAtSignOut(unsent)}
        </Notice>
      )}
      {fault !== undefined && (
        <Notice tone="bad" action={text.tryAgain} onAction={() => void signOut(warned)}>
          {fault}
        </Notice>
      )}
    </header>
  );
}
