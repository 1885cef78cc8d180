import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "tandem-client/gen/google/rpc/error_details_pb";
import { ErrorReason } from "tandem-client/gen/tandem/errors/v1/error_reason_pb";
import { reasonText, text } from "./text";
import { reasonOf } from "tandem-client";
import { failureOf } from "./failure";
import { refusal } from "../client/src/testing";

describe("errors in words", () => {
  it("has words for every reason of the contract and for no other", () => {
    const reasons = Object.keys(ErrorReason).filter((name) => Number.isNaN(Number(name)));
    expect(Object.keys(reasonText).sort()).toEqual(reasons.sort());
  });

  it("decides by the reason, not by the service's sentence", () => {
    const failure = failureOf(refusal(Code.Unauthenticated, "CREDENTIALS_INVALID"));
    expect(failure).toEqual({ reason: "CREDENTIALS_INVALID", text: reasonText.CREDENTIALS_INVALID, fields: {} });
  });

  it("puts violations at their fields, the first one of each", () => {
    const fieldViolations = [
      { field: "email", description: "Write it like name@example.org." },
      { field: "password", description: "Make it longer." },
      { field: "email", description: "Also something else." },
    ];
    const error = refusal(Code.InvalidArgument, "FIELD_INVALID", [
      { desc: BadRequestSchema, value: create(BadRequestSchema, { fieldViolations }) },
    ]);
    expect(failureOf(error).fields).toEqual({
      email: "Write it like name@example.org.",
      password: "Make it longer.",
    });
  });

  it("says when to try again", () => {
    const busy = (seconds: bigint, nanos: number) =>
      refusal(Code.ResourceExhausted, "OVERLOADED", [
        { desc: RetryInfoSchema, value: create(RetryInfoSchema, { retryDelay: { seconds, nanos } }) },
      ]);
    expect(failureOf(busy(2n, 1)).text).toContain(text.retryIn(3));
    expect(failureOf(busy(0n, 0)).text).toContain(text.retryIn(1));
    expect(text.retryIn(1)).toContain("in a second.");
    expect(text.retryIn(90)).toContain("in 90 seconds.");
    expect(text.retryIn(241)).toContain("in 5 minutes.");
    expect(text.retryIn(7_201)).toContain("in 3 hours.");
  });

  it("gives the number to report with a fault of ours", () => {
    const error = refusal(Code.Internal, "INTERNAL", [], { request_id: "0192-77" });
    expect(failureOf(error).text).toContain("0192-77");
  });

  it("tells a lost connection from an answer that is not Tandem's", () => {
    expect(failureOf(ConnectError.from(new TypeError("Failed to fetch"))).text).toBe(text.unreachable);
    expect(failureOf(new ConnectError("bad gateway", Code.Unavailable)).text).toBe(text.unreachable);
    expect(failureOf(new ConnectError("?", Code.Unknown)).text).toBe(text.unknown);
  });

  it("takes no reason from another domain, and none that the contract does not know", () => {
    const info = (domain: string, reason: string) =>
      new ConnectError("", Code.Aborted, undefined, [
        { desc: ErrorInfoSchema, value: create(ErrorInfoSchema, { domain, reason }) },
      ]);
    expect(reasonOf(info("example.org", "NOT_FOUND"))).toBeUndefined();
    expect(reasonOf(info("tandem", "toString"))).toBeUndefined();
    expect(reasonOf(info("tandem", "NOT_FOUND"))).toBe("NOT_FOUND");
  });
});
