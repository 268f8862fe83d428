/** The way to the role in the claims: `.app_metadata.roles[?(@ ^== "db_")][3:]`. */
export type ClaimStep =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'index'; readonly index: number }
  /** The first text of an array that stands in this relation to the operand. */
  | { readonly kind: 'filter'; readonly operator: FilterOperator; readonly operand: string }
  /** A part of a text; negative positions count from its end. */
  | { readonly kind: 'slice'; readonly start: number | null; readonly end: number | null };

type FilterOperator = '!=' | '*==' | '==' | '==^' | '^==';

const filterTests: Record<FilterOperator, (value: string, operand: string) => boolean> = {
  '==': (value, operand) => value === operand,
  '!=': (value, operand) => value !== operand,
  '^==': (value, operand) => value.startsWith(operand),
  '==^': (value, operand) => value.endsWith(operand),
  '*==': (value, operand) => value.includes(operand),
};

const stepPattern =
  /\.(?:([\p{L}\p{N}_$@]+)|"([^"]*)")|\[(\d+)\]|\[(-?\d*):(-?\d*)\]|\[\?\(@ *(==\^|==|!=|\^==|\*==) *"([^"]*)"\)\]/uy;

/**
 * Reads `jwt-role-claim-key`. Rule: PostgREST, "JWT Role Extraction".
 * @throws Error that names what cannot be read; for the start of the program, not for a client.
 */
export function parseClaimPath(text: string): readonly ClaimStep[] {
  const steps: ClaimStep[] = [];
  const pattern = new RegExp(stepPattern);
  while (pattern.lastIndex < text.length) {
    const position = pattern.lastIndex;
    const match = pattern.exec(text);
    if (match === null || (position === 0 && !text.startsWith('.'))) {
      throw new Error(`jwt-role-claim-key cannot be read from "${text.slice(position)}" on`);
    }
    steps.push(stepOf(match));
  }
  if (steps.length === 0) {
    throw new Error('jwt-role-claim-key is empty');
  }
  return steps;
}

function stepOf([, key, quoted, index, start, end, operator, operand]: RegExpExecArray): ClaimStep {
  const name = key ?? quoted;
  if (name !== undefined) {
    return { kind: 'key', key: name };
  }
  if (index !== undefined) {
    return { kind: 'index', index: Number(index) };
  }
  if (operator !== undefined && operand !== undefined) {
    return { kind: 'filter', operator: operator as FilterOperator, operand };
  }
  return { kind: 'slice', start: positionOf(start), end: positionOf(end) };
}

function positionOf(text: string | undefined): number | null {
  const position = text === undefined || text === '' ? Number.NaN : Number(text);
  return Number.isNaN(position) ? null : position;
}

/** Walks the claims; `undefined` where a step finds nothing. */
export function findClaim(claims: unknown, steps: readonly ClaimStep[]): unknown {
  let value = claims;
  for (const step of steps) {
    value = walk(value, step);
    if (value === undefined) {
      return undefined;
    }
  }
  return value;
}

function walk(value: unknown, step: ClaimStep): unknown {
  switch (step.kind) {
    case 'key':
      return isRecord(value) && Object.hasOwn(value, step.key) ? value[step.key] : undefined;
    case 'index':
      return Array.isArray(value) ? value[step.index] : undefined;
    case 'filter':
      return Array.isArray(value)
        ? value.find((item) => typeof item === 'string' && filterTests[step.operator](item, step.operand))
        : undefined;
    case 'slice':
      return typeof value === 'string' ? sliceOf(value, step) : undefined;
  }
}

/** An empty part is no role at all, rather than the role that is called nothing. */
function sliceOf(value: string, { start, end }: Extract<ClaimStep, { kind: 'slice' }>): string | undefined {
  const characters = [...value].slice(start ?? 0, end ?? undefined);
  return characters.length === 0 ? undefined : characters.join('');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
