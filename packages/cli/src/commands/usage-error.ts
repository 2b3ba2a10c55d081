/** What was given on the command line cannot be meant. */
export class UsageError extends Error {
  readonly code = "invalid_request";
  readonly action: string;

  constructor(message: string, action: string) {
    super(message);
    this.name = "UsageError";
    this.action = action;
  }
}
