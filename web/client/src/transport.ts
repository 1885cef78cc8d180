// The wire: which transport reaches which service, and what every call carries. auth-service is called without an
// access token, the person's own account and task-service always with one.

import { Code, ConnectError, createClient, type Client, type Interceptor, type Transport } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import { AccountService } from "./gen/tandem/auth/v1/account_service_pb.js";
import { AuthService } from "./gen/tandem/auth/v1/auth_service_pb.js";
import { ChangeService } from "./gen/tandem/tasks/v1/change_service_pb.js";
import { LabelService } from "./gen/tandem/tasks/v1/label_service_pb.js";
import { ListService } from "./gen/tandem/tasks/v1/list_service_pb.js";
import { TaskService } from "./gen/tandem/tasks/v1/task_service_pb.js";
import { TransferService } from "./gen/tandem/tasks/v1/transfer_service_pb.js";
import { UsageService } from "./gen/tandem/tasks/v1/usage_service_pb.js";
import { repeating } from "./retry.js";
import type { SessionKeeper } from "./session.js";

/** For a call and all its tries, unless it says otherwise. */
export const DEADLINE_MILLIS = 15_000;

/** How the two services are reached. */
export interface Wire {
  auth(interceptors: Interceptor[]): Transport;
  tasks(interceptors: Interceptor[]): Transport;
}

/** Where tokens come from. */
export type Tokens = Pick<SessionKeeper, "accessToken" | "renew">;

/** grpc-web to one origin that serves both packages: that of the page unless another one is named. */
export function webWire(baseUrl: string = location.origin): Wire {
  const transport = (interceptors: Interceptor[]) =>
    createGrpcWebTransport({ baseUrl, defaultTimeoutMs: DEADLINE_MILLIS, interceptors });
  return { auth: transport, tasks: transport };
}

/** For signing up and in, and for mailed codes. */
export function authClient(wire: Wire = webWire()): Client<typeof AuthService> {
  return createClient(AuthService, wire.auth([repeating()]));
}

/** For the person's own account. */
export function accountClient(tokens: Tokens, wire: Wire = webWire()): Client<typeof AccountService> {
  return createClient(AccountService, wire.auth([repeating(), withAccessToken(tokens)]));
}

/** All of task-service that is for people. */
export interface TaskClients {
  readonly tasks: Client<typeof TaskService>;
  readonly lists: Client<typeof ListService>;
  readonly labels: Client<typeof LabelService>;
  readonly changes: Client<typeof ChangeService>;
  readonly transfer: Client<typeof TransferService>;
  readonly usage: Client<typeof UsageService>;
}

/** Clients for everything about tasks. */
export function taskClients(tokens: Tokens, wire: Wire = webWire()): TaskClients {
  const transport = wire.tasks([repeating(), withAccessToken(tokens)]);
  return {
    tasks: createClient(TaskService, transport),
    lists: createClient(ListService, transport),
    labels: createClient(LabelService, transport),
    changes: createClient(ChangeService, transport),
    transfer: createClient(TransferService, transport),
    usage: createClient(UsageService, transport),
  };
}

/** A refused token is renewed once, so that a service with another clock, or a rotated key, costs nobody a sign-in. */
export function withAccessToken(tokens: Tokens): Interceptor {
  return (next) => async (request) => {
    const token = await tokens.accessToken();
    request.header.set("authorization", `Bearer ${token}`);
    try {
      return await next(request);
    } catch (error) {
      if (ConnectError.from(error).code !== Code.Unauthenticated) throw error;
      request.header.set("authorization", `Bearer ${await tokens.renew(token)}`);
      return await next(request);
    }
  };
}
