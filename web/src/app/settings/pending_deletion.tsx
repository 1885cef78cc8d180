import { timestampDate, type Timestamp } from "@bufbuild/protobuf/wkt";
import type { Client } from "@connectrpc/connect";
import type { SessionKeeper } from "tandem-client";
import type { AccountService } from "tandem-client/gen/tandem/auth/v1/account_service_pb";
import { LANGUAGE, text } from "../../text";
import { Notice } from "../notice";
import { useForm } from "../use_form";

interface Props {
  account: Client<typeof AccountService>;
  keeper: SessionKeeper;
  purgeTime: Timestamp;
}

/** An account that is about to go, and the way to keep it. */
export function PendingDeletion({ account, keeper, purgeTime }: Props) {
  const { failure, submit } = useForm(async () => keeper.changed(await account.cancelUserDeletion({})));
  const when = timestampDate(purgeTime).toLocaleString(LANGUAGE, { dateStyle: "long", timeStyle: "short" });
  return (
    <Notice tone="bad" action={text.keepAccount} onAction={submit}>
      {text.goesOn(when)} {failure?.text}
    </Notice>
  );
}
