/** Roughly the bytes that a value of plain objects, arrays, maps and sets keeps in memory. */
const POINTER = 8;
const HEADER = 24;
const HASH_ENTRY = 24;

export function approximateSize(root: unknown): number {
  const seen = new Set<unknown>();
  const queue: unknown[] = [root];
  let bytes = 0;
  while (queue.length > 0) {
    const value = queue.pop();
    if (typeof value === 'string') {
      // The same text is mostly the same string in memory, as names come again and again.
      if (!seen.has(value)) bytes += HEADER + value.length;
      seen.add(value);
    } else if (typeof value === 'object' && value !== null && !seen.has(value)) {
      seen.add(value);
      bytes += HEADER + spread(value, queue);
    }
  }
  return bytes;
}

/** Queues what is inside; the bytes of the container itself. */
function spread(value: object, queue: unknown[]): number {
  if (value instanceof Map) {
    for (const [key, item] of value) queue.push(key, item);
    return value.size * (HASH_ENTRY + POINTER);
  }
  const items = Array.isArray(value) || value instanceof Set ? [...value] : Object.values(value);
  for (const item of items) queue.push(item);
  return items.length * (value instanceof Set ? HASH_ENTRY : POINTER);
}
