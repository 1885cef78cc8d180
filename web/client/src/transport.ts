// The wire: grpc-web to the origin that the page came from. auth-service is called without an access token,
// the person's own account and task-service always with one.

import { Code, ConnectError, createClient, type Client, type Interceptor } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import { AccountService } from "./gen/tandem/auth/v1/account_service_pb.js";
import { AuthService } from "./gen/tandem/auth/v1/auth_service_pb.js";
import { ChangeService } from "./gen/tandem/tasks/v1/change_service_pb.js";
import { LabelService } from "./gen/tandem/tasks/v1/label_service_pb.js";
import { ListService } from "./gen/tandem/tasks/v1/list_service_pb.js";
import { TaskService } from "./gen/tandem/tasks/v1/task_service_pb.js";
import { TransferService } from "./gen/tandem/tasks/v1/transfer_service_pb.js";
import type { SessionKeeper } from "./session.js";

const DEADLINE_MILLIS = 15_000;

function transport(interceptors: Interceptor[]) {
  return createGrpcWebTransport({ baseUrl: location.origin, defaultTimeoutMs: DEADLINE_MILLIS, interceptors });
}

export function authClient(): Client<typeof AuthService> {
  return createClient(AuthService, transport([]));
}

export function accountClient(keeper: Pick<SessionKeeper, "accessToken" | "renew">): Client<typeof AccountService> {
  return createClient(AccountService, transport([withAccessToken(keeper)]));
}

/** What the pages about tasks call. */
export interface TaskClients {
  readonly tasks: Client<typeof TaskService>;
  readonly lists: Client<typeof ListService>;
  readonly labels: Client<typeof LabelService>;
  readonly changes: Client<typeof ChangeService>;
  readonly transfer: Client<typeof TransferService>;
}

export function taskClients(keeper: Pick<SessionKeeper, "accessToken" | "renew">): TaskClients {
  const wire = transport([withAccessToken(keeper)]);
  return {
    tasks: createClient(TaskService, wire),
    lists: createClient(ListService, wire),
    labels: createClient(LabelService, wire),
    changes: createClient(ChangeService, wire),
    transfer: createClient(TransferService, wire),
  };
}

/** A refused token is renewed once, so that a service with another clock, or a rotated key, costs nobody a sign-in. */
export function withAccessToken(keeper: Pick<SessionKeeper, "accessToken" | "renew">): Interceptor {
  return (next) => async (request) => {
    const token = await keeper.accessToken();
    request.header.set("authorization", `Bearer ${token}`);
    try {
      return await next(request);
    } catch (error) {
      if (ConnectError.from(error).code !== Code.Unauthenticated) throw error;
      request.header.set("authorization", `Bearer ${await keeper.renew(token)}`);
      return await next(request);
    }
  };
}
