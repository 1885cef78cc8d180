// Where the services are: at the page's own origin, unless the file beside the page says otherwise.

export interface Addresses {
  readonly auth: string;
  readonly tasks: string;
}

const FILE = "/settings.json";

/** Without the file, or with nothing in it, the page's own origin serves both. */
export async function addresses(): Promise<Addresses> {
  const read: unknown = await fetch(FILE)
    .then((answer) => (answer.ok ? answer.json() : undefined))
    .catch(() => undefined);
  const { auth, tasks } = (read ?? {}) as Partial<Addresses>;
  return { auth: auth || location.origin, tasks: tasks || location.origin };
}

/** No cookie goes to another origin, and so neither session nor anything else outlives the page. */
export const isElsewhere = ({ auth, tasks }: Addresses): boolean =>
  auth !== location.origin || tasks !== location.origin;
