import { describe, expect, it } from "vitest";
import { depths, others, placeOf, spotAt, step } from "./reorder";
import type { Row } from "./rows";
import { task } from "./testing";

/** `-b` stands below what is above it. */
function rows(...drawn: string[]): Row[] {
  const above: string[] = [];
  return drawn.map((line) => {
    const depth = line.lastIndexOf("-") + 1;
    const id = line.slice(depth);
    above[depth] = id;
    const parentId = depth === 0 ? "" : (above[depth - 1] ?? "");
    return { task: task(id, { parentId }), depth, saving: false, partOf: undefined };
  });
}
const after = (value: string, parentId = "") => ({ parentId, position: { case: "afterId", value } });
const before = (value: string, parentId = "") => ({ parentId, position: { case: "beforeId", value } });
const first = (parentId = "") => ({ parentId, position: { case: "first", value: true } });

describe("a dragged task", () => {
  it("takes along what is below it", () => {
    expect(others(rows("a", "-b", "--c", "d"), "a").map(({ task }) => task.id)).toEqual(["d"]);
    expect(others(rows("a", "-b", "--c", "d"), "b").map(({ task }) => task.id)).toEqual(["a", "d"]);
  });

  it("stands before, between and behind others", () => {
    const rest = rows("a", "b");
    expect(spotAt(rest, 0, 0)).toEqual(before("a"));
    expect(spotAt(rest, 1, 0)).toEqual(after("a"));
    expect(spotAt(rest, 2, 0)).toEqual(after("b"));
    expect(spotAt([], 0, 3)).toEqual(first());
  });

  it("becomes a part of what is above it when it is held further in", () => {
    expect(spotAt(rows("a", "b"), 1, 1)).toEqual(first("a"));
    expect(spotAt(rows("a", "-x", "b"), 2, 1)).toEqual(after("x", "a"));
    expect(spotAt(rows("a", "-x", "b"), 1, 1)).toEqual(before("x", "a"));
    expect(spotAt(rows("a", "-x", "b"), 2, 0)).toEqual(after("a"));
  });

  it("stands no deeper than it may, and never between a whole and its parts", () => {
    expect(depths(rows("a", "-x", "b"), 1)).toEqual({ least: 1, most: 1 });
    expect(depths(rows("a", "-x", "b"), 2)).toEqual({ least: 0, most: 2 });
    expect(depths(rows("a", "-1", "--2", "---3", "----4", "-----5"), 6)).toEqual({ least: 0, most: 5 });
  });

  it("has no neighbour in a part whose whole is not drawn", () => {
    const stray = { ...rows("s")[0]!, task: task("s", { parentId: "done" }), partOf: "Done" };
    expect(spotAt([stray, ...rows("b")], 1, 0)).toEqual(before("b"));
    expect(step([stray], "s", "up")).toBeUndefined();
  });
});

describe("one step", () => {
  const drawn = rows("a", "-x", "-y", "b", "c");
  it.each([
    ["a", "up", undefined],
    ["b", "up", before("a")],
    ["a", "down", after("b")],
    ["c", "down", undefined],
    ["y", "up", before("x", "a")],
    ["y", "down", undefined],
    ["b", "in", after("y", "a")],
    ["c", "in", first("b")],
    ["a", "in", undefined],
    ["y", "out", after("a")],
    ["a", "out", undefined],
  ] as const)("of %s %s", (id, direction, spot) => {
    expect(step(drawn, id, direction)).toEqual(spot);
  });
});

it("its place is told among its siblings", () => {
  expect(placeOf(rows("a", "-x", "-y", "b"), "y")).toEqual({ place: 2, of: 2 });
  expect(placeOf(rows("a", "-x", "-y", "b"), "b")).toEqual({ place: 2, of: 2 });
  expect(placeOf([], "b")).toBeUndefined();
});
