/** Something that the demo claims does not hold. */
export class CheckFailedError extends Error {
  readonly code = "check_failed";
  readonly action: string;

  constructor(message: string, action: string) {
    super(message);
    this.name = "CheckFailedError";
    this.action = action;
  }
}
