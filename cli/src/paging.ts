/** As many as the server gives at once. */
const pageLength = 100;

export interface Page<T> {
  readonly items: readonly T[];
  /** All that match, on every page. */
  readonly total: number;
}

/**
 * Everything of a list that comes in pages, newest first. What arrives meanwhile moves the rest on, so an item may
 * come twice: it is listed once.
 */
export async function listAllPages<T>(
  idOf: (item: T) => string,
  load: (limit: number, offset: number) => Promise<Page<T>>,
): Promise<T[]> {
  const found = new Map<string, T>();
  for (let offset = 0; ; offset += pageLength) {
    const { items, total } = await load(pageLength, offset);
    for (const item of items) found.set(idOf(item), item);
    if (items.length < pageLength || offset + items.length >= total) return [...found.values()];
  }
}
