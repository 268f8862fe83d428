/**
 * A resource is a thing that we keep true: the spec says what was asked for, the status what was last
 * observed. What a person sees as its phase is derived from both and never stored.
 */
export type ResourceKind = 'cluster' | 'database' | 'pg_user';

/** What is wanted of a resource as a whole: in use, kept but closed to everybody, or gone. */
export type Desired = 'active' | 'suspended' | 'absent';

/** A named truth about a resource. `unknown` is an answer of its own: a look that failed proves nothing. */
export interface Condition {
  readonly type: 'Ready';
  readonly status: 'true' | 'false' | 'unknown';
  /** CamelCase word for programs. */
  readonly reason: string;
  /** Sentence for people, free of secrets. */
  readonly message: string;
  /** RFC 3339. */
  readonly at: string;
}

export interface Resource<Spec = unknown, Status = unknown> {
  readonly id: string;
  readonly kind: ResourceKind;
  /** Resources that share a root are reconciled one after another under one lease. */
  readonly rootId: string;
  /** `null` for what Backyard itself owns. */
  readonly ownerId: number | null;
  readonly name: string;
  readonly desired: Desired;
  readonly spec: Spec;
  readonly status: Status | null;
  /** Counts changes of `desired` and `spec`. */
  readonly generation: number;
  /** The generation that `status` answers; 0 before the first look that found nothing left to do. */
  readonly observedGeneration: number;
  readonly conditions: readonly Condition[];
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** True once a look found the resource as it was asked for at least once in its life. */
export function everSettled(resource: Pick<Resource, 'observedGeneration'>): boolean {
  return resource.observedGeneration > 0;
}

/** True when the status answers the newest spec. */
export function isSettled(resource: Pick<Resource, 'generation' | 'observedGeneration'>): boolean {
  return resource.observedGeneration >= resource.generation;
}
