/** Who asks: the role that the transaction runs as, and the claims that SQL can read. */
export interface Identity {
  readonly role: string;
  /** JSON, for `request.jwt.claims`. */
  readonly claims: string;
}
