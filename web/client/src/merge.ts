// Three versions of one object: as the person saw it, as they want it, as it is now. Fields that only one side changed
// go together; a field that both changed differently is a conflict for the person to decide.

import { create, equals, type DescMessage, type MessageInitShape, type MessageShape } from "@bufbuild/protobuf";

/** What comes of putting an edit on top of another version. */
export interface Merged<D extends DescMessage> {
  /** The fields that still differ and can be sent. */
  readonly paths: string[];
  readonly wanted: MessageShape<D>;
  /** Fields that both sides changed, and differently. */
  readonly conflicts: string[];
}

/** Fields that are sets: what each side added and took away goes together. */
const SETS = ["labels"];

/** The fields of `paths` are replaced whole, as the contract's masks do. */
export function merge<D extends DescMessage>(
  schema: D,
  paths: readonly string[],
  before: MessageShape<D>,
  mine: MessageShape<D>,
  now: MessageShape<D>,
): Merged<D> {
  const [left, conflicts]: [string[], string[]] = [[], []];
  let wanted = mine;
  for (const path of paths) {
    if (same(schema, path, mine, now)) continue;
    if (same(schema, path, before, now)) left.push(path);
    else if (SETS.includes(path)) {
      wanted = withField(schema, wanted, path, union(get(before, path), get(mine, path), get(now, path)));
      if (!same(schema, path, wanted, now)) left.push(path);
    } else conflicts.push(path);
  }
  return { paths: left, wanted, conflicts };
}

/** `target` with the fields of `paths` as `source` has them. */
export function withFields<D extends DescMessage>(
  schema: D,
  target: MessageShape<D>,
  source: MessageShape<D>,
  paths: readonly string[],
): MessageShape<D> {
  return paths.reduce((made, path) => withField(schema, made, path, get(source, path)), target);
}

/** The fields that say something: what an update without a mask is about. */
export function setPaths(schema: DescMessage, message: object, among: readonly string[]): string[] {
  const empty = create(schema);
  return among.filter((path) => !same(schema, path, message as MessageShape<DescMessage>, empty));
}

export function same<D extends DescMessage>(schema: D, path: string, a: MessageShape<D>, b: MessageShape<D>): boolean {
  const only = (message: MessageShape<D>) => {
    const value = get(message, path);
    return create(schema, (value === undefined ? {} : { [path]: value }) as MessageInitShape<D>);
  };
  return equals(schema, only(a), only(b));
}

function withField<D extends DescMessage>(schema: D, message: MessageShape<D>, path: string, value: unknown) {
  const { [path]: _, ...rest } = message as Record<string, unknown>;
  return create(schema, (value === undefined ? rest : { ...rest, [path]: value }) as MessageInitShape<D>);
}

/** Every mutable field is one word, so that its path in a mask is its name here. */
const get = (message: object, path: string): unknown => (message as Record<string, unknown>)[path];

function union(before: unknown, mine: unknown, now: unknown): string[] {
  const [was, want, is] = [before as string[], mine as string[], now as string[]];
  return [
    ...is.filter((label) => want.includes(label) || !was.includes(label)),
    ...want.filter((label) => !was.includes(label) && !is.includes(label)),
  ];
}
