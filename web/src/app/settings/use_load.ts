import { useEffect, useState } from "preact/hooks";
import { failureOf, type Failure } from "../../failure";

/** What a call answers, asked again whenever `version` changes. What was there stays until the new answer is. */
export function useLoad<T>(load: () => Promise<T>, version: number) {
  const [value, setValue] = useState<T>();
  const [failure, setFailure] = useState<Failure>();
  const [tries, setTries] = useState(0);

  useEffect(() => {
    let wanted = true;
    load().then(
      (loaded) => {
        if (!wanted) return;
        setValue(loaded);
        setFailure(undefined);
      },
      (error: unknown) => wanted && setFailure(failureOf(error)),
    );
    return () => {
      wanted = false;
    };
  }, [version, tries]);

  return { value, failure, again: () => setTries(tries + 1) };
}
