/** An answer that refuses, in GitHub's own form. Source: https://docs.github.com/rest */
export class GitHubError extends Error {
  readonly status: number;
  readonly errors: readonly object[] | undefined;
  readonly documentation: string;

  constructor(
    status: number,
    message: string,
    options: { errors?: readonly object[]; documentation?: string } = {},
  ) {
    super(message);
    this.name = "GitHubError";
    this.status = status;
    this.errors = options.errors;
    this.documentation = `https://docs.github.com/rest${options.documentation ?? ""}`;
  }

  body(): object {
    return {
      message: this.message,
      ...(this.errors === undefined ? {} : { errors: this.errors }),
      documentation_url: this.documentation,
      status: String(this.status),
    };
  }
}

export const notFound = (documentation?: string) =>
  new GitHubError(404, "Not Found", documentation === undefined ? {} : { documentation });
export const badCredentials = () => new GitHubError(401, "Bad credentials");
export const requiresAuthentication = () => new GitHubError(401, "Requires authentication");

export function validationFailed(documentation: string, ...errors: object[]): GitHubError {
  return new GitHubError(422, "Validation Failed", { errors, documentation });
}
