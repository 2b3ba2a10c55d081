/** A trouble with the machine that its owner can mend: `message` says what, `action` says how. */
export class SetupError extends Error {
  readonly action: string;

  constructor(message: string, action: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "SetupError";
    this.action = action;
  }
}
