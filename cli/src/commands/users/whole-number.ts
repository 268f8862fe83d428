import { InvalidArgumentError } from 'commander';

/** The value of an option that is a number; the range is for the server to judge. */
export function wholeNumber(text: string): number {
  const number = Number(text);
  if (/^-?\d+$/.test(text) && Number.isSafeInteger(number)) return number;
  throw new InvalidArgumentError('It must be a whole number.');
}
