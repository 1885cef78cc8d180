import type { Client } from "@connectrpc/connect";
import { useState } from "preact/hooks";
import type { SessionKeeper } from "tandem-client";
import type { AccountService } from "tandem-client/gen/tandem/auth/v1/account_service_pb";
import type { User } from "tandem-client/gen/tandem/auth/v1/user_pb";
import { text } from "../../text";
import { Field } from "../field";
import { Notice } from "../notice";
import { useForm } from "../use_form";
import { Panel } from "./panel";

interface Props {
  account: Client<typeof AccountService>;
  keeper: SessionKeeper;
  user: User;
  onChanged: () => void;
}

/** Who the person is, and what to call them. */
export function Profile({ account, keeper, user, onChanged }: Props) {
  const [displayName, setDisplayName] = useState(user.displayName);
  const [saved, setSaved] = useState(false);
  const { busy, failure, fields, props } = useForm(async () => {
    setSaved(false);
    const changed = await account.updateUser({ user: { displayName }, updateMask: { paths: ["display_name"] } });
    keeper.changed(changed);
    setDisplayName(changed.displayName);
    setSaved(true);
    onChanged();
  });
  return (
    <Panel title={text.profile}>
      <form class="panel-form" {...props}>
        {failure !== undefined && <Notice tone="bad">{failure.text}</Notice>}
        {saved && <Notice tone="calm">{text.savedName}</Notice>}
        <Field
          name="display_name"
          label={text.displayName}
          type="text"
          autocomplete="name"
          value={displayName}
          onValue={setDisplayName}
          fault={fields["user.display_name"] ?? fields["display_name"]}
          optional
        />
        <button type="submit" class="button button-quiet" aria-disabled={busy}>
          {busy ? `${text.saving}…` : text.saveName}
        </button>
      </form>
    </Panel>
  );
}
