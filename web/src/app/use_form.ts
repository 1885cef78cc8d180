import { useRef, useState } from "preact/hooks";
import type { Failure } from "../failure";
import { firstText as text } from "../text/first";

/** A form that is sent once at a time; after a refusal the first field at fault has the focus. */
export function useForm(send: () => Promise<void>) {
  const form = useRef<HTMLFormElement>(null);
  const [busy, setBusy] = useState(false);
  // `busy` is what was so when the form was drawn; it can be sent again before it is drawn anew.
  const sending = useRef(false);
  const [failure, setFailure] = useState<Failure>();

  async function submit(): Promise<void> {
    if (sending.current) return;
    sending.current = true;
    setBusy(true);
    setFailure(undefined);
    try {
      await send();
    } catch (error) {
      setFailure(await told(error));
      requestAnimationFrame(() => form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
    } finally {
      sending.current = false;
      setBusy(false);
    }
  }

  const onSubmit = (event: Event) => {
    event.preventDefault();
    void submit();
  };
  const clear = () => setFailure(undefined);
  const props = { ref: form, onSubmit, noValidate: true, "aria-busy": busy };
  return { busy, failure, fields: failure?.fields ?? {}, clear, submit: () => void submit(), props };
}

/** The words come with the part that speaks with the services. Without it nothing was sent. */
async function told(error: unknown): Promise<Failure> {
  return await import("../services").then(
    ({ failureOf }) => failureOf(error),
    () => ({ text: text.unreachable, fields: {} }),
  );
}
