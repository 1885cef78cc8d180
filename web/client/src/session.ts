// Keeps the person signed in. In a browser the refresh token lives in an HttpOnly cookie that this code cannot read;
// the access token lives here, in the memory of the tabs, and nowhere else. Nothing about tasks or views may be put here.

import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { Client } from "@connectrpc/connect";
import { reasonOf } from "./errors.js";
import { RefreshTokenDelivery, type AuthService, type Session } from "./gen/tandem/auth/v1/auth_service_pb.js";
import type { User } from "./gen/tandem/auth/v1/user_pb.js";
import type { Channel, Tabs } from "./tabs.js";

/** Where a visit stands. */
export type SessionState =
  | { readonly phase: "starting" }
  | { readonly phase: "unreachable"; readonly error: unknown }
  | { readonly phase: "signed-out"; readonly ended: boolean }
  | { readonly phase: "signed-in"; readonly user: User };

/** What a keeper can be told. */
export interface KeeperOptions {
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Where there is no cookie: an object in which the refresh token is kept. Its owner stores it as the secret it is. */
  readonly tokens?: { refreshToken: string };
  /** Takes away what is kept of a person: all of it when they left, all but unsent edits when the session was ended. */
  readonly forget?: (userId: string, why: "left" | "ended") => void;
}

/** Refresh this long before the token expires, so that no call sets out with a token that dies on the way. */
const MARGIN_MILLIS = 30_000;
/** A token that just came is good for this long whatever the clock of this device says. */
const LEAST_MILLIS = 60_000;

/** What another tab said may come this much later than the turn that the tab gave up. */
const WORD_MILLIS = 1000;

interface Token {
  readonly value: string;
  readonly freshUntil: number;
}

/** What tabs tell each other, in memory only: one of them refreshes for all. */
interface Word extends Token {
  readonly userId: string;
}

/** One person's session, shared by all tabs of a browser. */
export class SessionKeeper {
  readonly #auth: Client<typeof AuthService>;
  readonly #tabs: Tabs;
  readonly #now: () => number;
  readonly #options: KeeperOptions;
  readonly #listeners = new Set<() => void>();
  #state: SessionState = { phase: "starting" };
  readonly #channel: Channel;
  #token: Token | undefined;
  #renewal: Promise<string> | undefined;
  #heard = () => {};

  constructor(auth: Client<typeof AuthService>, tabs: Tabs, options: KeeperOptions = {}) {
    this.#auth = auth;
    this.#tabs = tabs;
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#channel = tabs.channel("tandem.token");
    this.#channel.onWord((word) => this.#hear(word as Word));
    tabs.onChange(() => void this.resume());
  }

  get state(): SessionState {
    return this.#state;
  }

  /** Calls `listener` after every change of the state, until the returned function is called. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Finds out whether there is a session: on start, and after another tab changed it. */
  async resume(): Promise<void> {
    this.#token = undefined;
    if (this.#state.phase === "unreachable") this.#enter({ phase: "starting" });
    if (!this.#tabs.online) this.#openFromMemory();
    // Who the person is now is known to the service alone.
    this.#renewal ??= this.#refresh().finally(() => (this.#renewal = undefined));
    await this.#renewal.catch(() => undefined);
  }

  /** False when there is no session before the email is verified. */
  async signUp(email: string, password: string, displayName: string): Promise<boolean> {
    return await this.#begin(() => this.#auth.signUp({ email, password, displayName, ...this.#delivery }));
  }

  async signIn(email: string, password: string): Promise<boolean> {
    const { deviceToken } = this.#tabs;
    return await this.#begin(() => this.#auth.signIn({ email, password, deviceToken, ...this.#delivery }));
  }

  /** Fails when the service was not told: the session would live on, and the person must know. */
  async signOut(): Promise<void> {
    const refreshToken = this.#options.tokens?.refreshToken ?? "";
    await this.#tabs.alone(() => this.#auth.signOut({ refreshToken }));
    this.#end("left");
    this.#tabs.announceChange();
  }

  /** The person as just changed; an answer that comes after somebody else signed in is nobody's concern. */
  changed(user: User): void {
    if (this.#state.phase !== "signed-in" || this.#state.user.id !== user.id) return;
    this.#tabs.person = user;
    this.#enter({ phase: "signed-in", user });
    this.#tabs.announceChange();
  }

  /** A token that is good for at least the margin. */
  async accessToken(): Promise<string> {
    return this.#fresh() ?? (await this.renew());
  }

  /** A token other than `refused`. However many calls ask at once, the service is asked once. */
  async renew(refused?: string): Promise<string> {
    const other = () => {
      const fresh = this.#fresh();
      return fresh === refused ? undefined : fresh;
    };
    const fresh = other();
    if (fresh !== undefined) return fresh;
    this.#renewal ??= this.#refresh(other).finally(() => (this.#renewal = undefined));
    return await this.#renewal;
  }

  get #delivery() {
    const { BODY, COOKIE } = RefreshTokenDelivery;
    return { refreshTokenDelivery: this.#options.tokens === undefined ? COOKIE : BODY };
  }

  #fresh(): string | undefined {
    return this.#token !== undefined && this.#now() < this.#token.freshUntil ? this.#token.value : undefined;
  }

  #hear({ userId, value, freshUntil }: Word): void {
    if (this.#state.phase !== "signed-in" || this.#state.user.id !== userId) return;
    if (freshUntil > (this.#token?.freshUntil ?? 0)) this.#token = { value, freshUntil };
    this.#heard();
  }

  /**
   * A lost answer does no harm: the old token, in the cookie or in `tokens`, finds its successor at the next try. What
   * another tab got while this one waited for its turn, and `other` finds good, is as good.
   */
  async #refresh(other?: () => string | undefined): Promise<string> {
    try {
      return await this.#tabs.alone(async () => {
        const found = other?.() ?? (other && (await this.#channel.announced()) ? await this.#word(other) : undefined);
        if (found !== undefined) return found;
        const refreshToken = this.#options.tokens?.refreshToken ?? "";
        const { session } = await this.#auth.refreshSession({ refreshToken, ...this.#delivery });
        return await this.#accept(session);
      });
    } catch (error) {
      const reason = reasonOf(error);
      if (reason === "SESSION_ENDED" || reason === "FIELD_INVALID") this.#end("ended");
      else if (this.#state.phase === "starting" && !this.#openFromMemory())
        this.#enter({ phase: "unreachable", error });
      throw error;
    }
  }

  /** What `other` finds good in the next word of another tab. */
  async #word(other: () => string | undefined): Promise<string | undefined> {
    await new Promise<void>((resolve) => {
      this.#heard = resolve;
      setTimeout(resolve, WORD_MILLIS);
    });
    return other();
  }

  /** Whoever was here last sees what this device holds of theirs; calls find out later whether they may. */
  #openFromMemory(): boolean {
    const { person } = this.#tabs;
    if (person !== undefined && this.#state.phase === "starting") this.#enter({ phase: "signed-in", user: person });
    return person !== undefined;
  }

  async #begin(call: () => Promise<{ session?: Session | undefined }>): Promise<boolean> {
    const { session } = await this.#tabs.alone(call);
    if (session === undefined) return false;
    await this.#accept(session);
    this.#tabs.announceChange();
    return true;
  }

  async #accept(session: Session | undefined): Promise<string> {
    const { user, accessToken, accessTokenExpireTime: expires, deviceToken } = session ?? {};
    if (user === undefined || accessToken === undefined || expires === undefined) {
      throw new Error("the session in the answer is not whole");
    }
    const now = this.#now();
    const freshUntil = Math.max(timestampMs(expires) - MARGIN_MILLIS, now + LEAST_MILLIS);
    this.#token = { value: accessToken, freshUntil };
    const announced = this.#channel.announce({ userId: user.id, ...this.#token } satisfies Word);
    if (deviceToken) this.#tabs.deviceToken = deviceToken;
    if (this.#options.tokens !== undefined && session?.refreshToken) {
      this.#options.tokens.refreshToken = session.refreshToken;
    }
    this.#tabs.person = user;
    this.#enter({ phase: "signed-in", user });
    await announced;
    return accessToken;
  }

  #end(why: "left" | "ended"): void {
    this.#token = undefined;
    const { person } = this.#tabs;
    this.#tabs.person = undefined;
    const { phase } = this.#state;
    // Several calls can find out one after the other; the later ones must not take back what the first one said.
    const known = phase === "signed-in" || person !== undefined || (phase === "signed-out" && this.#state.ended);
    this.#enter({ phase: "signed-out", ended: why === "ended" && known });
    if (person !== undefined) this.#options.forget?.(person.id, why);
  }

  #enter(state: SessionState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}
