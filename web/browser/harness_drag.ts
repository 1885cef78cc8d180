// Dragging as a mouse and as a finger do it.

import type { Locator, Page } from "playwright-core";

/** From the grip of `from` to `shift` pixels beside it and right below (or above) the middle of `to`. */
export async function drag(page: Page, from: Locator, to: Locator, { shift = 0, below = true, touch = false } = {}) {
  await from.hover();
  const [start, end] = [await from.locator(".grip").first().boundingBox(), await to.boundingBox()];
  if (start === null || end === null) throw new Error("what is dragged must be seen");
  const begin = { x: start.x + start.width / 2, y: start.y + start.height / 2 };
  const target = { x: begin.x + shift, y: end.y + end.height * (below ? 0.8 : 0.2) };
  if (touch) return await finger(page, begin, target);
  await page.mouse.move(begin.x, begin.y);
  await page.mouse.down();
  await page.mouse.move((begin.x + target.x) / 2, (begin.y + target.y) / 2, { steps: 4 });
  await page.mouse.move(target.x, target.y, { steps: 4 });
  await page.mouse.up();
}

interface Point {
  readonly x: number;
  readonly y: number;
}

async function finger(page: Page, from: Point, to: Point): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const send = (type: "touchStart" | "touchMove" | "touchEnd", points: Point[]) =>
    session.send("Input.dispatchTouchEvent", { type, touchPoints: points.map(({ x, y }) => ({ x, y })) });
  await send("touchStart", [from]);
  for (let step = 1; step <= 6; step += 1) {
    await send("touchMove", [{ x: from.x + ((to.x - from.x) * step) / 6, y: from.y + ((to.y - from.y) * step) / 6 }]);
  }
  await send("touchEnd", []);
}
