/** The words of a search, marked where they stand in a text. */
export function Marked({ text, query }: { text: string; query: string }) {
  const words = query.split(/\s+/).filter(Boolean).map(escaped);
  if (words.length === 0) return <>{text}</>;
  const parts = text.split(new RegExp(`(${words.join("|")})`, "giu"));
  // What stands between brackets is every other part.
  return <>{parts.map((part, index) => (index % 2 === 1 ? <mark key={index}>{part}</mark> : part))}</>;
}

const escaped = (word: string) => word.replace(/[.*+?^${}()|[\]\\/-]/g, (sign) => `\\${sign}`);
