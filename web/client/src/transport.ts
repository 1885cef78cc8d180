// The wire: which transport reaches which service, and what every call carries. auth-service is called without an
// access token, the person's own account and task-service always with one.

import { Code, ConnectError, createClient, type Client, type Interceptor, type Transport } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import { AuthService } from "./gen/tandem/auth/v1/auth_service_pb.js";
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

/** grpc-web to the origin that serves both packages, that of the page unless another one is named, or to one for each. */
export function webWire(at: string | { readonly auth: string; readonly tasks: string } = location.origin): Wire {
  const { auth, tasks } = typeof at === "string" ? { auth: at, tasks: at } : at;
  const to = (baseUrl: string) => (interceptors: Interceptor[]) =>
    createGrpcWebTransport({ baseUrl, defaultTimeoutMs: DEADLINE_MILLIS, interceptors });
  return { auth: to(auth), tasks: to(tasks) };
}

/** For signing up and in, and for mailed codes. */
export function authClient(wire: Wire = webWire()): Client<typeof AuthService> {
  return createClient(AuthService, wire.auth([repeating()]));
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
