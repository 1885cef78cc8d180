import { useRef, useState } from "preact/hooks";
import { failureOf, type Failure } from "../failure";

/** A form that is sent once at a time; after a refusal the first field at fault has the focus. */
export function useForm(send: () => Promise<void>) {
  const form = useRef<HTMLFormElement>(null);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();

  async function submit(): Promise<void> {
    if (busy) return;
    setBusy(true);
    setFailure(undefined);
    try {
      await send();
    } catch (error) {
      setFailure(failureOf(error));
      requestAnimationFrame(() => form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
    } finally {
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
