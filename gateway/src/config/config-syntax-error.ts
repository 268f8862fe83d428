/** The configuration file cannot be read; the message begins with the line, counted from 1. */
export class ConfigSyntaxError extends Error {
  readonly line: number;

  constructor(line: number, message: string) {
    super(`line ${line}: ${message}`);
    this.name = 'ConfigSyntaxError';
    this.line = line;
  }
}
