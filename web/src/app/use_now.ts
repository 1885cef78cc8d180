import { useEffect, useState } from "preact/hooks";

const STEP_MILLIS = 30_000;

/** The time of the day, good for words such as today and overdue. */
export function useNow(): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), STEP_MILLIS);
    return () => clearInterval(timer);
  }, []);
  return now;
}
