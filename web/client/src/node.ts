// For programs on Node: gRPC over HTTP/2, straight to the services.

import type { Interceptor } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { DEADLINE_MILLIS, type Wire } from "./transport.js";

/** Where the services listen, such as `http://127.0.0.1:50051`. */
export interface Addresses {
  readonly auth: string;
  readonly tasks: string;
}

/** gRPC to both services. Needs the package `@connectrpc/connect-node`. */
export function nodeWire({ auth, tasks }: Addresses): Wire {
  const to = (baseUrl: string) => (interceptors: Interceptor[]) =>
    createGrpcTransport({ baseUrl, defaultTimeoutMs: DEADLINE_MILLIS, interceptors });
  return { auth: to(auth), tasks: to(tasks) };
}
