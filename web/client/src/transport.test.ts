import { create } from "@bufbuild/protobuf";
import { Code, createClient, createRouterTransport } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { TaskSchema } from "./gen/tandem/tasks/v1/task_pb.js";
import { TaskService } from "./gen/tandem/tasks/v1/task_service_pb.js";
import type { Reason } from "./errors.js";
import { refusal } from "./testing.js";
import { withAccessToken } from "./transport.js";

/** A task-service that takes `good` only, and a keeper whose first token is `first` and whose next is `next`. */
function pair(first: string, next: string, reason: Reason = "TOKEN_EXPIRED") {
  const seen: (string | null)[] = [];
  const keeper = { accessToken: async () => first, renew: async () => next };
  const transport = createRouterTransport(
    ({ service }) => {
      service(TaskService, {
        getTask: ({ id }, { requestHeader }) => {
          seen.push(requestHeader.get("authorization"));
          if (seen.at(-1) !== "Bearer good") throw refusal(Code.Unauthenticated, reason);
          if (id === "") throw refusal(Code.NotFound, "NOT_FOUND");
          return create(TaskSchema, { id });
        },
      });
    },
    { transport: { interceptors: [withAccessToken(keeper)] } },
  );
  return { tasks: createClient(TaskService, transport), seen };
}

describe("a call with an access token", () => {
  it("carries the token", async () => {
    const { tasks, seen } = pair("good", "unused");
    expect((await tasks.getTask({ id: "1" })).id).toBe("1");
    expect(seen).toEqual(["Bearer good"]);
  });

  it("is made once more when the token had expired", async () => {
    const { tasks, seen } = pair("old", "good");
    expect((await tasks.getTask({ id: "1" })).id).toBe("1");
    expect(seen).toEqual(["Bearer old", "Bearer good"]);
  });

  it("is not made a third time", async () => {
    const { tasks, seen } = pair("old", "old too");
    await expect(tasks.getTask({ id: "1" })).rejects.toMatchObject({ code: Code.Unauthenticated });
    expect(seen).toHaveLength(2);
  });

  it("is not repeated for any other refusal", async () => {
    const { tasks, seen } = pair("good", "unused");
    await expect(tasks.getTask({ id: "" })).rejects.toMatchObject({ code: Code.NotFound });
    expect(seen).toHaveLength(1);
  });
});
