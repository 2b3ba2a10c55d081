/** Error types of the Claude API with the HTTP status each comes with. Source: https://platform.claude.com/docs/en/api/errors */
export const ERROR_STATUS = {
  invalid_request_error: 400,
  authentication_error: 401,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  overloaded_error: 529,
} as const;

export type ApiErrorType = keyof typeof ERROR_STATUS;

/** A refusal in the API's own words. */
export class ApiError extends Error {
  readonly type: ApiErrorType;
  readonly status: number;
  readonly headers: Record<string, string>;

  constructor(type: ApiErrorType, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.name = "ApiError";
    this.type = type;
    this.status = ERROR_STATUS[type];
    this.headers = headers;
  }

  body(requestId: string): object {
    return { type: "error", error: { type: this.type, message: this.message }, request_id: requestId };
  }
}

export function invalid(message: string): ApiError {
  return new ApiError("invalid_request_error", message);
}
