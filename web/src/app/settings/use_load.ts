import { useEffect, useState } from "preact/hooks";
import { failureOf, type Failure } from "../../failure";
import { text } from "../../text";
import { useOnline } from "../use_online";

/**
 * What a call answers, asked again whenever `version` changes. What was there stays until the new answer is. Without a
 * network nothing is asked until there is one.
 */
export function useLoad<T>(load: () => Promise<T>, version: number) {
  const [value, setValue] = useState<T>();
  const [failure, setFailure] = useState<Failure>();
  const [tries, setTries] = useState(0);
  const online = useOnline();

  useEffect(() => {
    setFailure(undefined);
    if (!online) return;
    let wanted = true;
    load().then(
      (loaded) => wanted && setValue(loaded),
      (error: unknown) => wanted && setFailure(failureOf(error)),
    );
    return () => {
      wanted = false;
    };
  }, [version, tries, online]);

  /** What to say while there is neither an answer nor a failure. */
  const waiting = (loading: string) => {
    if (value !== undefined || failure !== undefined) return undefined;
    return online ? `${loading}…` : text.needsNetwork;
  };
  return { value, failure, waiting, again: () => setTries(tries + 1) };
}
