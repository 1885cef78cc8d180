import { text } from "../../text";
import { Field } from "../field";

interface Props {
  /** Tells the fields of one page apart. */
  name: string;
  email: string;
  value: string;
  onValue: (value: string) => void;
  fault: string | undefined;
}

/** The present password, where being signed in is not enough. */
export function PasswordAgain({ name, email, ...rest }: Props) {
  return (
    <>
      {/* Tells a password manager whose password it is. */}
      <input type="email" name={`${name}_email`} autocomplete="username" value={email} readOnly hidden />
      <Field name={name} label={text.currentPassword} type="password" autocomplete="current-password" {...rest} />
    </>
  );
}
