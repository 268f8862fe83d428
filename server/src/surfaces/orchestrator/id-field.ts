import { type Field, integer } from './field.ts';

/** The known implementation's ids are UUIDs, and its clients hold such ones. */
export type Id = { readonly id: number } | { readonly uuid: string };

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const whole = integer({ min: 1n, max: 2n ** 63n - 1n });

/** An id in a path: an integer from 1 to 2^63 - 1, or a UUID. Beyond 2^53 it is not exact, and nothing has it. */
export const id: Field<Id> = {
  parse: (given) => {
    if (typeof given === 'string' && UUID.test(given)) return { value: { uuid: given } };
    const parsed = whole.parse(given);
    return 'value' in parsed ? { value: { id: parsed.value } } : parsed;
  },
};

const LARGEST_OF_OURS = 2_147_483_647;

/** The number of one of our tokens; `null` for an id that is well-formed, but of nothing. */
export function tokenNumber(of: Id): number | null {
  return 'id' in of && of.id <= LARGEST_OF_OURS ? of.id : null;
}
