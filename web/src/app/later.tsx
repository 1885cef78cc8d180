// Parts of the app that are not needed for the first thing a person sees, and come when they are.

import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { firstText as text } from "../text/first";
import { Notice } from "./notice";

interface Part<P> {
  (props: P): preact.JSX.Element;
  /** Begins to load it, for who is likely to need it soon. */
  readonly soon: () => void;
}

/** A component that is loaded when it is drawn for the first time; until then `waiting` stands there. */
export function later<P extends object>(load: () => Promise<ComponentType<P>>, waiting: ComponentType): Part<P> {
  let loaded: ComponentType<P> | undefined;
  let loading: Promise<void> | undefined;
  const begin = () => (loading ??= load().then((component) => void (loaded = component)));

  function Later(props: P) {
    const [state, setState] = useState(loaded === undefined ? "waiting" : "here");
    useEffect(() => {
      if (state === "waiting")
        begin().then(
          () => setState("here"),
          () => setState("failed"),
        );
    }, []);
    const [Loaded, Waiting] = [loaded, waiting];
    if (Loaded !== undefined) return <Loaded {...props} />;
    if (state === "waiting") return <Waiting />;
    // A browser remembers that a module did not come, for as long as the page lives.
    return (
      <main class="splash">
        <h1 class="unseen">{text.product}</h1>
        <Notice tone="bad" action={text.tryAgain} onAction={() => location.reload()}>
          {text.unreachable}
        </Notice>
      </main>
    );
  }
  return Object.assign(Later, { soon: () => void begin().catch(() => undefined) });
}
