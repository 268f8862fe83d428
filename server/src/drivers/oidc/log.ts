/** The part of pino's logger that this driver uses. */
export interface OidcLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}
