import { text } from "../../text";

/** Where tasks will be. */
export function Skeleton() {
  return (
    <div class="card skeleton" aria-busy="true">
      <p class="unseen" role="status">
        {text.loading}…
      </p>
      <i />
      <i />
      <i />
    </div>
  );
}
