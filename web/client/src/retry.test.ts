import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient, createRouterTransport } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { RetryInfoSchema } from "./gen/google/rpc/error_details_pb.js";
import { AuthService } from "./gen/tandem/auth/v1/auth_service_pb.js";
import { TaskService } from "./gen/tandem/tasks/v1/task_service_pb.js";
import { repeating } from "./retry.js";
import { refusal } from "./testing.js";

/** Services that answer each call with the next of `faults`, and then well. */
function services(...faults: Error[]) {
  const pauses: number[] = [];
  let calls = 0;
  const answer = () => {
    calls += 1;
    const fault = faults.shift();
    if (fault !== undefined) throw fault;
    return {};
  };
  const transport = createRouterTransport(
    ({ service }) => {
      service(TaskService, { getTask: answer, createTask: answer });
      service(AuthService, { refreshSession: answer, signIn: answer });
    },
    { transport: { interceptors: [repeating(async (millis) => void pauses.push(millis))] } },
  );
  return {
    tasks: createClient(TaskService, transport),
    auth: createClient(AuthService, transport),
    pauses,
    calls: () => calls,
  };
}
const away = () => refusal(Code.Unavailable, "DATABASE_UNAVAILABLE");
const busy = (seconds: bigint) =>
  refusal(Code.ResourceExhausted, "OVERLOADED", [
    { desc: RetryInfoSchema, value: create(RetryInfoSchema, { retryDelay: { seconds } }) },
  ]);

describe("a call that failed", () => {
  it("is repeated when it reads, when it has a request_id, and when it refreshes the session", async () => {
    for (const call of [
      (s: ReturnType<typeof services>) => s.tasks.getTask({ id: "a" }),
      (s: ReturnType<typeof services>) => s.tasks.createTask({ requestId: "r" }),
      (s: ReturnType<typeof services>) => s.auth.refreshSession({}),
    ]) {
      const pair = services(away());
      await call(pair);
      expect(pair.calls()).toBe(2);
    }
  });

  it("is not repeated when nobody could tell whether it was done twice", async () => {
    for (const call of [
      (s: ReturnType<typeof services>) => s.tasks.createTask({}),
      (s: ReturnType<typeof services>) => s.auth.signIn({}),
    ]) {
      const pair = services(away());
      await expect(call(pair)).rejects.toThrow();
      expect(pair.calls()).toBe(1);
    }
  });

  it("waits longer each time, and as long as the service says", async () => {
    const { tasks, pauses } = services(away(), away(), busy(2n));
    await tasks.getTask({});
    expect(pauses[0]).toBeLessThanOrEqual(200);
    expect(pauses[1]).toBeGreaterThanOrEqual(200);
    expect(pauses[2]).toBeGreaterThanOrEqual(2_000);
  });

  it("is given up after four tries, and at once when the wait is long", async () => {
    const { tasks, calls } = services(...Array.from({ length: 9 }, away));
    await expect(tasks.getTask({})).rejects.toThrow();
    expect(calls()).toBe(4);
    const long = services(busy(60n));
    await expect(long.tasks.getTask({})).rejects.toThrow();
    expect(long.calls()).toBe(1);
  });

  it.each([
    refusal(Code.Internal, "INTERNAL"),
    refusal(Code.NotFound, "NOT_FOUND"),
    refusal(Code.Aborted, "ETAG_MISMATCH"),
    refusal(Code.ResourceExhausted, "QUOTA_EXCEEDED"),
    new ConnectError("cancelled", Code.Canceled),
  ])("is not repeated when a repeat is of no use: %s", async (fault) => {
    const { tasks, calls } = services(fault);
    await expect(tasks.getTask({})).rejects.toThrow();
    expect(calls()).toBe(1);
  });
});
