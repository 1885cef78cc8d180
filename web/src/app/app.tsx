// Which page is shown: it follows from the session, except where a link in a mail led here.

import { useEffect, useState } from "preact/hooks";
import type { SessionKeeper, SessionState } from "tandem-client";
import type { Services } from "../services";
import { firstText as text } from "../text/first";
import { later } from "./later";
import { Leftovers } from "./leftovers";
import { Mark } from "./mark";
import { Notice } from "./notice";
import { ResetPage } from "./reset_page";
import { SignedOut } from "./signed_out";
import { useHash } from "./use_hash";
import { useOnline } from "./use_online";
import { VerifyPage } from "./verify_page";

interface Props {
  /** What speaks with the services; the first view does not wait for it. */
  begun: Promise<Services>;
  /** Whether somebody was signed in on this device. */
  wasHere: boolean;
}

/** Everything about tasks comes while somebody types their password, or at once for who was here before. */
export const Home = later(async () => (await import("./home")).Home, Splash);

export function App({ begun, wasHere }: Props) {
  const services = useServices(begun);
  const session = useSession(services === "failed" ? undefined : services?.keeper);
  const hash = useHash();
  const online = useOnline();
  useEffect(() => void begun.then(() => setTimeout(Home.soon, SOON_MILLIS), () => undefined), []);
  const offline = online ? null : <Notice tone="calm">{text.noNetwork}</Notice>;

  if (location.pathname === "/verify") return <VerifyPage begun={begun} />;
  if (location.pathname === "/reset") return <ResetPage begun={begun} />;
  // A browser remembers that a module did not come, for as long as the page lives.
  if (services === "failed") return <Unreachable why={text.unreachable} onAgain={() => location.reload()} />;

  const signedOut = (ended: boolean) => (
    <>
      {offline}
      <Leftovers />
      <SignedOut begun={begun} ended={ended} hash={hash} />
    </>
  );
  // There may be a session all the same, but hardly: whoever wants to sign in does not wait for the answer.
  if (services === undefined || session.phase === "starting") return wasHere ? <Splash /> : signedOut(false);
  const { keeper, auth, wire, tabs, lasting, failureOf } = services;
  switch (session.phase) {
    case "unreachable":
      return <Unreachable why={failureOf(session.error).text} onAgain={() => void keeper.resume()} />;
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
const SOON_MILLIS = 300;

export function Splash() {
  return (
    <main class="splash" aria-busy="true">
      <Mark />
      <h1 class="unseen">{text.product}</h1>
      <p class="quiet" role="status">
        {text.starting}…
      </p>
    </main>
  );
}

function Unreachable({ why, onAgain }: { why: string; onAgain: () => void }) {
  return (
    <main class="splash">
      <Mark />
      <h1 class="unseen">{text.product}</h1>
      <Notice tone="bad" action={text.tryAgain} onAction={onAgain}>
        {why}
      </Notice>
    </main>
  );
}

function useServices(begun: Promise<Services>): Services | "failed" | undefined {
  const [services, setServices] = useState<Services | "failed">();
  useEffect(() => void begun.then(setServices, () => setServices("failed")), []);
  return services;
}

function useSession(keeper: SessionKeeper | undefined): SessionState {
  const [, redraw] = useState({});
  useEffect(() => {
    // It may have changed between the drawing and now.
    redraw({});
    return keeper?.subscribe(() => redraw({}));
  }, [keeper]);
  return keeper?.state ?? { phase: "starting" };
}
