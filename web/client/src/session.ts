// Keeps the person signed in. The refresh token lives in an HttpOnly cookie that this code cannot read; the access
// token lives here, in memory, and nowhere else. Nothing about tasks or views may be put here.

import type { Client } from "@connectrpc/connect";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { RefreshTokenDelivery, type AuthService, type Session } from "./gen/tandem/auth/v1/auth_service_pb.js";
import type { User } from "./gen/tandem/auth/v1/user_pb.js";
import { reasonOf } from "./errors.js";
import type { Tabs } from "./tabs.js";

export type SessionState =
  | { readonly phase: "starting" }
  | { readonly phase: "unreachable"; readonly error: unknown }
  | { readonly phase: "signed-out"; readonly ended: boolean }
  | { readonly phase: "signed-in"; readonly user: User };

/** Refresh this long before the token expires, so that no call sets out with a token that dies on the way. */
const MARGIN_MILLIS = 30_000;
/** A token that just came is good for this long whatever the clock of this device says. */
const LEAST_MILLIS = 60_000;

const COOKIE = { refreshTokenDelivery: RefreshTokenDelivery.COOKIE };

export class SessionKeeper {
  readonly #auth: Client<typeof AuthService>;
  readonly #tabs: Tabs;
  readonly #now: () => number;
  readonly #listeners = new Set<() => void>();
  #state: SessionState = { phase: "starting" };
  #token: { readonly value: string; readonly freshUntil: number } | undefined;
  #renewal: Promise<string> | undefined;

  constructor(auth: Client<typeof AuthService>, tabs: Tabs, now: () => number = Date.now) {
    this.#auth = auth;
    this.#tabs = tabs;
    this.#now = now;
    tabs.onChange(() => void this.resume());
  }

  get state(): SessionState {
    return this.#state;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Finds out whether the cookie still stands for a session: on start, and after another tab changed it. */
  async resume(): Promise<void> {
    this.#token = undefined;
    if (this.#state.phase === "unreachable") this.#enter({ phase: "starting" });
    await this.renew().catch(() => undefined);
  }

  /** False when there is no session before the email is verified. */
  async signUp(email: string, password: string, displayName: string): Promise<boolean> {
    return await this.#begin(() => this.#auth.signUp({ email, password, displayName, ...COOKIE }));
  }

  async signIn(email: string, password: string): Promise<boolean> {
    const { deviceToken } = this.#tabs;
    return await this.#begin(() => this.#auth.signIn({ email, password, deviceToken, ...COOKIE }));
  }

  /** Fails when the service was not told: the session would live on, and the person must know. */
  async signOut(): Promise<void> {
    await this.#tabs.alone(() => this.#auth.signOut({}));
    this.#end(false);
    this.#tabs.announceChange();
  }

  /** The person as just changed; an answer that comes after somebody else signed in is nobody's concern. */
  changed(user: User): void {
    if (this.#state.phase !== "signed-in" || this.#state.user.id !== user.id) return;
    this.#enter({ phase: "signed-in", user });
    this.#tabs.announceChange();
  }

  /** A token that is good for at least the margin. */
  async accessToken(): Promise<string> {
    return this.#fresh() ?? (await this.renew());
  }

  /** A token other than `refused`. However many calls ask at once, the service is asked once. */
  async renew(refused?: string): Promise<string> {
    const fresh = this.#fresh();
    if (fresh !== undefined && fresh !== refused) return fresh;
    this.#renewal ??= this.#refresh().finally(() => (this.#renewal = undefined));
    return await this.#renewal;
  }

  #fresh(): string | undefined {
    return this.#token !== undefined && this.#now() < this.#token.freshUntil ? this.#token.value : undefined;
  }

  async #refresh(): Promise<string> {
    try {
      const { session } = await this.#tabs.alone(() => this.#auth.refreshSession(COOKIE));
      return this.#accept(session);
    } catch (error) {
      const reason = reasonOf(error);
      if (reason === "SESSION_ENDED" || reason === "FIELD_INVALID") this.#end(this.#state.phase === "signed-in");
      else if (this.#state.phase === "starting") this.#enter({ phase: "unreachable", error });
      throw error;
    }
  }

  async #begin(call: () => Promise<{ session?: Session | undefined }>): Promise<boolean> {
    const { session } = await this.#tabs.alone(call);
    if (session === undefined) return false;
    this.#accept(session);
    this.#tabs.announceChange();
    return true;
  }

  #accept(session: Session | undefined): string {
    const { user, accessToken, accessTokenExpireTime: expires, deviceToken } = session ?? {};
    if (user === undefined || accessToken === undefined || expires === undefined) {
      throw new Error("the session in the answer is not whole");
    }
    const now = this.#now();
    const freshUntil = Math.max(timestampMs(expires) - MARGIN_MILLIS, now + LEAST_MILLIS);
    this.#token = { value: accessToken, freshUntil };
    if (deviceToken) this.#tabs.deviceToken = deviceToken;
    this.#enter({ phase: "signed-in", user });
    return accessToken;
  }

  #end(ended: boolean): void {
    this.#token = undefined;
    this.#enter({ phase: "signed-out", ended });
  }

  #enter(state: SessionState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}
