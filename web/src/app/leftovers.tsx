import type { Leftover } from "tandem-client";
import { useEffect, useState } from "preact/hooks";
import { firstText as text } from "../text/first";
import { Notice } from "./notice";

/** Unsent edits of people whose session ended: whoever signs in again gets them, and nobody drops them by accident. */
export function Leftovers() {
  const [left, setLeft] = useState<readonly Leftover[]>([]);

  useEffect(() => {
    // Where nothing can be kept, nothing is left.
    const look = () => void found().then(setLeft, () => undefined);
    look();
    // What ended just now is still being put away.
    const timer = setTimeout(look, 500);
    return () => clearTimeout(timer);
  }, []);

  async function discard({ userId }: Leftover) {
    const { wipe } = await import("../services");
    await wipe(userId);
    setLeft(await found());
  }
  return (
    <>
      {left.map((one) => (
        <Notice key={one.userId} tone="calm" action={text.discardAll} onAction={() => void discard(one)}>
          {text.leftover(one.count, one.email)}
        </Notice>
      ))}
    </>
  );
}

const found = async () => await (await import("../services")).leftovers();
