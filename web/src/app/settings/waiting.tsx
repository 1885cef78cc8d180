/** What stands where an answer will. */
export function Waiting({ words }: { words: string | undefined }) {
  if (words === undefined) return null;
  return (
    <p class="quiet" role="status">
      {words}
    </p>
  );
}
