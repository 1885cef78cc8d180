import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, createClient, createRouterTransport, type Interceptor } from "@connectrpc/connect";
import { beforeEach, describe, expect, it } from "vitest";
import { AuthService, RefreshTokenDelivery } from "./gen/tandem/auth/v1/auth_service_pb.js";
import { UserSchema } from "./gen/tandem/auth/v1/user_pb.js";
import { SessionKeeper, type KeeperOptions } from "./session.js";
import { repeating } from "./retry.js";
import { noTabs, type Tabs } from "./tabs.js";
import { browser, refusal } from "./testing.js";

const LIFE_MILLIS = 600_000;

/** auth-service as one browser sees it: the cookie jar, and what was asked of it. */
class Service {
  /** What the clock of the device says. */
  now = 1_790_000_000_000;
  deviceAheadMillis = 0;
  person: string | undefined;
  fault: Error | undefined;
  /** Whether emails must be verified before the first session. */
  mailFirst = false;
  refreshes = 0;
  atOnce = 0;
  mostAtOnce = 0;
  deviceTokens: string[] = [];
  deliveries: RefreshTokenDelivery[] = [];

  keeper(tab: Tabs, forget: NonNullable<KeeperOptions["forget"]> = () => {}): SessionKeeper {
    return new SessionKeeper(createClient(AuthService, this.#transport()), tab, { now: () => this.now, forget });
  }

  #transport() {
    return createRouterTransport(({ service }) => {
      service(AuthService, {
        signUp: ({ email }) => (this.mailFirst ? {} : { session: this.#begin(email) }),
        signIn: ({ email, password, deviceToken, refreshTokenDelivery }) => {
          if (password !== "right") throw refusal(Code.Unauthenticated, "CREDENTIALS_INVALID");
          this.deviceTokens.push(deviceToken);
          this.deliveries.push(refreshTokenDelivery);
          return { session: this.#begin(email) };
        },
        refreshSession: async ({ refreshToken }) => {
          expect(refreshToken).toBe("");
          this.refreshes += 1;
          this.mostAtOnce = Math.max(this.mostAtOnce, ++this.atOnce);
          await new Promise((resolve) => setImmediate(resolve));
          this.atOnce -= 1;
          if (this.fault !== undefined) throw this.fault;
          if (this.person === undefined) throw refusal(Code.Unauthenticated, "SESSION_ENDED");
          return { session: this.#session(this.person) };
        },
        signOut: () => {
          if (this.fault !== undefined) throw this.fault;
          this.person = undefined;
          return {};
        },
      });
    });
  }

  #begin(email: string) {
    this.person = email;
    return { ...this.#session(email), deviceToken: `device of ${email}` };
  }

  #session(email: string) {
    return {
      accessToken: `${email} ${this.refreshes}`,
      accessTokenExpireTime: timestampFromMs(this.now - this.deviceAheadMillis + LIFE_MILLIS),
      user: { id: email, email },
    };
  }
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

describe("the session keeper", () => {
  let service: Service;
  let openTab: () => Tabs;
  let network: { online: boolean };
  let keeper: SessionKeeper;

  beforeEach(() => {
    service = new Service();
    ({ openTab, network } = browser());
    keeper = service.keeper(openTab());
  });

  it("is signed out when there is no cookie, without a word about an end", async () => {
    await keeper.resume();
    expect(keeper.state).toEqual({ phase: "signed-out", ended: false });
  });

  it("is still signed in after a reload", async () => {
    service.person = "ada";
    expect(keeper.state.phase).toBe("starting");
    await keeper.resume();
    expect(keeper.state).toMatchObject({ phase: "signed-in", user: { id: "ada" } });
  });

  it("does not take an unreachable service for a sign-out", async () => {
    service.person = "ada";
    service.fault = refusal(Code.Unavailable, "SERVICE_UNAVAILABLE");
    await keeper.resume();
    expect(keeper.state.phase).toBe("unreachable");
    service.fault = undefined;
    await keeper.resume();
    expect(keeper.state.phase).toBe("signed-in");
  });

  it("opens for whoever was here last when nobody answers, and at once without a network", async () => {
    await keeper.signUp("ada", "right", "");
    service.fault = refusal(Code.Unavailable, "SERVICE_UNAVAILABLE");
    const later = service.keeper(openTab());
    await later.resume();
    expect(later.state).toMatchObject({ phase: "signed-in", user: { id: "ada" } });

    network.online = false;
    const offline = service.keeper(openTab());
    void offline.resume();
    expect(offline.state).toMatchObject({ phase: "signed-in", user: { id: "ada" } });
    await expect(offline.accessToken()).rejects.toThrow();
    service.fault = undefined;
    expect(await offline.accessToken()).toContain("ada");
  });

  it("has the person forgotten at the end of the session, and tells a sign-out from an ended one", async () => {
    const forgotten: string[] = [];
    const keeping = service.keeper(openTab(), (id, why) => forgotten.push(`${id} ${why}`));
    await keeping.signUp("ada", "right", "");
    await keeping.signOut();
    await keeping.signIn("ada", "right");
    await settled();
    service.person = undefined;
    const later = service.keeper(openTab(), (id, why) => forgotten.push(`${id} ${why}`));
    await later.resume();
    expect(later.state).toEqual({ phase: "signed-out", ended: true });
    expect(forgotten).toEqual(["ada left", "ada ended"]);
    const again = service.keeper(openTab());
    await again.resume();
    expect(again.state).toEqual({ phase: "signed-out", ended: false });
  });

  it("asks for delivery by cookie and sends the device's token the next time", async () => {
    await keeper.signUp("ada", "right", "");
    await keeper.signIn("ada", "right");
    expect(service.deviceTokens).toEqual(["device of ada"]);
    expect(service.deliveries).toEqual([RefreshTokenDelivery.COOKIE]);
  });

  it("says so when there is no session before the email is verified", async () => {
    service.mailFirst = true;
    await keeper.resume();
    expect(await keeper.signUp("ada", "right", "")).toBe(false);
    expect(keeper.state.phase).toBe("signed-out");
  });

  it("takes a change of its own person, and of nobody else", async () => {
    await keeper.signUp("ada", "right", "");
    keeper.changed(create(UserSchema, { id: "ada", displayName: "Ada King" }));
    expect(keeper.state).toMatchObject({ user: { displayName: "Ada King" } });
    keeper.changed(create(UserSchema, { id: "grace", displayName: "Grace" }));
    expect(keeper.state).toMatchObject({ user: { id: "ada", displayName: "Ada King" } });
    await keeper.signOut();
    keeper.changed(create(UserSchema, { id: "ada", displayName: "Ada King" }));
    expect(keeper.state.phase).toBe("signed-out");
  });

  it("stays signed out after a wrong password", async () => {
    await keeper.resume();
    await expect(keeper.signIn("ada", "wrong")).rejects.toThrow();
    expect(keeper.state.phase).toBe("signed-out");
  });

  it("uses a fresh token again and renews one that is about to expire", async () => {
    await keeper.signUp("ada", "right", "");
    const token = await keeper.accessToken();
    service.now += LIFE_MILLIS - 31_000;
    expect(await keeper.accessToken()).toBe(token);
    service.now += 2_000;
    expect(await keeper.accessToken()).not.toBe(token);
    expect(service.refreshes).toBe(1);
  });

  it("does not refresh at every call when this device's clock is wrong", async () => {
    service.deviceAheadMillis = LIFE_MILLIS * 10;
    await keeper.signUp("ada", "right", "");
    await keeper.accessToken();
    await keeper.accessToken();
    expect(service.refreshes).toBe(0);
  });

  it("refreshes once for calls that ask at the same time", async () => {
    await keeper.signUp("ada", "right", "");
    const refused = await keeper.accessToken();
    const renewed = await Promise.all([keeper.renew(refused), keeper.renew(refused), keeper.renew(refused)]);
    expect(new Set(renewed).size).toBe(1);
    expect(service.refreshes).toBe(1);
    // A call that was refused with the old token and comes late finds the new one.
    expect(await keeper.renew(refused)).toBe(renewed[0]);
    expect(service.refreshes).toBe(1);
  });

  it("refreshes in one tab at a time", async () => {
    service.person = "ada";
    await Promise.all([1, 2, 3, 4].map(() => service.keeper(openTab()).resume()));
    expect(service.refreshes).toBe(4);
    expect(service.mostAtOnce).toBe(1);
  });

  it("refreshes in one tab for all of them when the token they share expires", async () => {
    const { openTab } = browser();
    const keepers = [openTab(), openTab(), openTab()].map((tab) => service.keeper(tab));
    await keepers[0]?.signIn("ada@example.org", "right");
    for (const keeper of keepers) await keeper.resume();
    const before = service.refreshes;
    service.now += LIFE_MILLIS;
    const first = await keepers[0]?.accessToken();
    const tokens = await Promise.all(keepers.map((keeper) => keeper.accessToken()));
    expect(new Set(tokens)).toEqual(new Set([first]));
    expect(service.refreshes - before).toBe(1);
    // A refused token is no token, whoever has it too.
    expect(await keepers[1]?.renew(first)).not.toBe(first);
    expect(service.refreshes - before).toBe(2);
  });

  it("waits for the token of another tab when its turn comes before the word of it", async () => {
    const { openTab, words } = browser();
    const keepers = [openTab(), openTab()].map((tab) => service.keeper(tab));
    await keepers[0]?.signIn("ada@example.org", "right");
    for (const keeper of keepers) await keeper.resume();
    await settled();
    const before = service.refreshes;
    service.now += LIFE_MILLIS;
    words.lateMillis = 200;
    const first = await keepers[0]?.accessToken();
    expect(await keepers[1]?.accessToken()).toBe(first);
    expect(service.refreshes - before).toBe(1);
  });

  it("goes on by itself when a word never comes", async () => {
    const { openTab, words } = browser();
    const keepers = [openTab(), openTab()].map((tab) => service.keeper(tab));
    await keepers[0]?.signIn("ada@example.org", "right");
    for (const keeper of keepers) await keeper.resume();
    await settled();
    service.now += LIFE_MILLIS;
    words.lateMillis = 60_000;
    const first = await keepers[0]?.accessToken();
    const second = await keepers[1]?.accessToken();
    expect(second).toBeDefined();
    expect(second).not.toBe(first);
  });

  it("is over when the service says so", async () => {
    await keeper.signUp("ada", "right", "");
    service.person = undefined;
    await expect(keeper.renew(await keeper.accessToken())).rejects.toThrow();
    expect(keeper.state).toEqual({ phase: "signed-out", ended: true });
    // A stream and a call find out one after the other.
    await expect(keeper.accessToken()).rejects.toThrow();
    expect(keeper.state).toEqual({ phase: "signed-out", ended: true });
  });

  it("does not pretend to have signed out when the service was not told", async () => {
    await keeper.signUp("ada", "right", "");
    service.fault = refusal(Code.Unavailable, "SERVICE_UNAVAILABLE");
    await expect(keeper.signOut()).rejects.toThrow();
    expect(keeper.state.phase).toBe("signed-in");
  });

  it("takes the other tabs along when the person signs out, in, or as another", async () => {
    const other = service.keeper(openTab());
    await keeper.signUp("ada", "right", "");
    await settled();
    expect(other.state).toMatchObject({ user: { id: "ada" } });
    await keeper.signOut();
    await settled();
    expect(other.state.phase).toBe("signed-out");
    await keeper.signIn("grace", "right");
    await settled();
    expect(other.state).toMatchObject({ user: { id: "grace" } });
  });
});

describe("the session keeper without a cookie", () => {
  it("repeats a refresh whose answer was lost with the token that it had", async () => {
    const asked: string[] = [];
    const lost = [true];
    const network: Interceptor = (next) => async (request) => {
      const answer = await next(request);
      if (request.method.name === "RefreshSession" && lost.shift()) throw new ConnectError("cut", Code.Unavailable);
      return answer;
    };
    const session = (refreshToken: string) => ({
      user: { id: "ada" },
      accessToken: `for ${refreshToken}`,
      accessTokenExpireTime: timestampFromMs(1_790_000_000_000),
      refreshToken,
    });
    const transport = createRouterTransport(
      ({ service }) => {
        service(AuthService, {
          signIn: ({ refreshTokenDelivery }) => {
            expect(refreshTokenDelivery).toBe(RefreshTokenDelivery.BODY);
            return { session: session("first") };
          },
          refreshSession: ({ refreshToken }) => {
            asked.push(refreshToken);
            return { session: session(refreshToken === "first" ? "second" : "third") };
          },
        });
      },
      { transport: { interceptors: [repeating(async () => {}), network] } },
    );
    const tokens = { refreshToken: "" };
    const keeper = new SessionKeeper(createClient(AuthService, transport), noTabs(), { tokens });
    await keeper.signIn("ada", "right");
    expect(await keeper.renew(await keeper.accessToken())).toBe("for second");
    expect(asked).toEqual(["first", "first"]);
    expect(tokens.refreshToken).toBe("second");
  });
});
