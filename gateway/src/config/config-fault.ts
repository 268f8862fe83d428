/** The configuration says something that cannot be; the message is a sentence that names the key. */
export class ConfigFault extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ConfigFault';
  }
}
