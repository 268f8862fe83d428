export type Plant = {
  /** Name of the step of `npm run check` that must fail. */
  gate: string;
  rule: string;
  /** What is written into the clean copy: path → text, or path → what becomes of the text that is there. */
  files: Record<string, string | ((before: string) => string)>;
  /** Each must stand in the output of the failing step. */
  expected: readonly (string | RegExp)[];
  /** Added to the step's command. */
  args?: readonly string[];
  env?: Record<string, string>;
};

/** A line that the project bans, kept apart here so that the gates do not find it in the plant's own source. */
export function spell(...letters: string[]): string {
  return letters.join('');
}
