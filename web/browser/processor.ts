// How fast the processor under this browser is, and how much slower a mid-range phone is. The index and the factors are
// those of Lighthouse (docs/throttling.md there, and the calculator that it points to), so that they can be compared:
// 1,500 to 2,000 is a fast desktop, 1,000 to 1,500 a slow one, 125 to 800 a mid-range phone.

import type { Page } from "playwright-core";

const TRIES = 3;
const LEAST_INDEX = 800;

/** By this index a mid-range phone is that many times slower; straight lines in between. */
const FACTORS = [
  [150, 1],
  [800, 2],
  [1_300, 3],
  [2_000, 6],
] as const;

/** The best of a few tries: what the machine can do, whatever else it is doing. So the phone is rather too slow. */
export async function phoneFactor(page: Page): Promise<{ index: number; factor: number }> {
  let index = 0;
  for (let tried = 0; tried < TRIES; tried += 1) index = Math.max(index, await page.evaluate(benchmark));
  return { index, factor: factorOf(index) };
}

/** By how much longer than on a machine that is as fast as `LEAST_INDEX` something may take on one that is slower, or busy. */
export const room = (index: number) => Math.max(1, LEAST_INDEX / index);

function factorOf(index: number): number {
  const above = FACTORS.slice(1, -1).filter(([known]) => known <= index).length + 1;
  const [[low, few], [high, many]] = [FACTORS[above - 1]!, FACTORS[above]!];
  return Math.max(1, few + ((index - low) / (high - low)) * (many - few));
}

/** Runs in the page: strings of 10,000 letters and copies of 100,000 numbers, each in tens per second; the mean of both. */
function benchmark(): number {
  const perSecond = (work: () => void) => {
    const [start, millis] = [performance.now(), 500];
    let done = 0;
    // The clock is not what is to be measured.
    while (performance.now() - start < millis) for (let of10 = 0; of10 < 10; of10 += 1, done += 1) work();
    return done / ((performance.now() - start) / 1_000);
  };
  const letters = () => {
    let word = "";
    for (let letter = 0; letter < 10_000; letter += 1) word += "a";
    if (word.length === 1) throw new Error("so that nothing is left out");
  };
  let [from, to] = [Array.from({ length: 100_000 }, (_, at) => at), Array.from({ length: 100_000 }, (_, at) => at)];
  const copy = () => {
    for (let at = 0; at < from.length; at += 1) to[at] = from[at]!;
    [from, to] = [to, from];
  };
  return (perSecond(letters) + perSecond(copy)) / 20;
}
