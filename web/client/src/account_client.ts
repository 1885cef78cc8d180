// The client of a person's own account. It stands alone, as those of tasks do.

import { createClient, type Client } from "@connectrpc/connect";
import { AccountService } from "./gen/tandem/auth/v1/account_service_pb.js";
import { repeating } from "./retry.js";
import { webWire, withAccessToken, type Tokens, type Wire } from "./transport.js";

/** For the person's own account. */
export function accountClient(tokens: Tokens, wire: Wire = webWire()): Client<typeof AccountService> {
  return createClient(AccountService, wire.auth([repeating(), withAccessToken(tokens)]));
}
