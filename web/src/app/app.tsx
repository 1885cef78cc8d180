// Which page is shown: it follows from the session, except where a link in a mail led here.

import type { Client } from "@connectrpc/connect";
import { useEffect, useState } from "preact/hooks";
import type { SessionKeeper, SessionState, Tabs, Wire } from "tandem-client";
import type { AuthService } from "tandem-client/gen/tandem/auth/v1/auth_service_pb";
import { LANGUAGE, text } from "../text";
import { AccountPage } from "./account_page";
import { failureOf } from "../failure";
import { ForgotPage } from "./forgot_page";
import { Mark } from "./icons";
import { later } from "./later";
import { Leftovers } from "./leftovers";
import { Notice } from "./notice";
import { ResetPage } from "./reset_page";
import { useHash } from "./use_hash";
import { useOnline } from "./use_online";
import { VerifyPage } from "./verify_page";

interface Props {
  keeper: SessionKeeper;
  auth: Client<typeof AuthService>;
  wire: Wire;
  tabs: Tabs;
  /** Whether this device may keep anything. */
  lasting: boolean;
}

/** Everything about tasks comes while somebody types their password, or at once for who was here before. */
export const Home = later(async () => (await import("./home")).Home, Splash);

export function App({ keeper, auth, wire, tabs, lasting }: Props) {
  const session = useSession(keeper);
  const hash = useHash();
  const online = useOnline();
  const nobodyWasHere = tabs.person === undefined;
  useEffect(() => soon(Home.soon), []);
  const offline = online ? null : <Notice tone="calm">{text.noNetwork}</Notice>;

  if (location.pathname === "/verify") return <VerifyPage auth={auth} />;
  if (location.pathname === "/reset") return <ResetPage auth={auth} />;

  const signedOut = (ended: boolean) => (
    <>
      {offline}
      <Leftovers />
      {hash === "forgot" ? (
        <ForgotPage auth={auth} />
      ) : (
        <AccountPage keeper={keeper} auth={auth} ended={ended} isNew={hash === "sign-up"} left={leftOf(hash)} />
      )}
    </>
  );
  switch (session.phase) {
    case "starting":
      // There may be a session all the same, but hardly: whoever wants to sign in does not wait for the answer.
      return nobodyWasHere ? signedOut(false) : <Splash />;
    case "unreachable":
      return (
        <main class="splash">
          <Mark />
          <Notice tone="bad" action={text.tryAgain} onAction={() => void keeper.resume()}>
            {failureOf(session.error).text}
          </Notice>
        </main>
      );
    case "signed-out":
      return signedOut(session.ended);
    case "signed-in":
      // Another person starts from nothing.
      return (
        <Home
          key={session.user.id}
          keeper={keeper}
          auth={auth}
          wire={wire}
          tabs={tabs}
          user={session.user}
          online={online}
          lasting={lasting}
        />
      );
  }
}

/** When the first view stands. */
function soon(begin: () => void): () => void {
  const timer = setTimeout(begin, 300);
  return () => clearTimeout(timer);
}

/** What the way out left in the address. */
function leftOf(hash: string): string | undefined {
  const [found, until] = /^deleted(?:\/(\d+))?$/.exec(hash) ?? [];
  if (found === undefined) return undefined;
  if (until === undefined) return text.accountDeleted;
  return text.deletedUntil(new Date(Number(until)).toLocaleString(LANGUAGE, { dateStyle: "long", timeStyle: "short" }));
}

function Splash() {
  return (
    <main class="splash" aria-busy="true">
      <Mark />
      <p class="quiet" role="status">
        {text.starting}…
      </p>
    </main>
  );
}

function useSession(keeper: SessionKeeper): SessionState {
  const [state, setState] = useState(keeper.state);
  useEffect(() => {
    setState(keeper.state);
    return keeper.subscribe(() => setState(keeper.state));
  }, [keeper]);
  return state;
}
