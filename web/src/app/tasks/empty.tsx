/** Where tasks would be. */
export function Empty({ title, hint }: { title: string; hint: string }) {
  return (
    <div class="empty">
      <p>{title}</p>
      <p class="quiet">{hint}</p>
    </div>
  );
}
