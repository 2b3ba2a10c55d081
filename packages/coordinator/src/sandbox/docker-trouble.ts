import { FarhandError, failure } from "../domain/failure.ts";

/** The HTTP status of an engine's refusal; null when no answer came. */
export function refusalStatus(error: unknown): number | null {
  return error instanceof Error && "statusCode" in error && typeof error.statusCode === "number"
    ? error.statusCode
    : null;
}

/** What an error on the way to the engine means for the person who runs the server. */
export function sandboxUnavailable(error: unknown, socketPath: string): FarhandError {
  if (error instanceof FarhandError) return error;
  const code = error instanceof Error && "code" in error ? error.code : null;
  const trouble = (message: string, action: string) =>
    failure("sandbox_unavailable", message, action, { retryable: true, cause: error });
  switch (code) {
    case "ENOENT":
      return trouble(
        `There is no Docker engine: ${socketPath} does not exist.`,
        "Install Docker and start it; ./farhand doctor says how on this machine.",
      );
    case "ECONNREFUSED":
      return trouble(
        `The Docker engine does not run: nothing listens on ${socketPath}.`,
        "Start it, with sudo systemctl start docker where systemd runs.",
      );
    case "EACCES":
    case "EPERM":
      return trouble(
        `This user may not use the Docker engine at ${socketPath}.`,
        "Add the user to the docker group (sudo usermod -aG docker $USER), sign in again, and restart Farhand.",
      );
    default:
      return trouble(
        `The Docker engine could not do it: ${error instanceof Error ? error.message.trim() : String(error)}`,
        "Look at the engine's log (journalctl -u docker) and try the task again.",
      );
  }
}

export function imageMissing(image: string): FarhandError {
  return failure(
    "image_missing",
    `The worker image ${image} is not on this machine.`,
    "Start Farhand with ./farhand up: it builds the image.",
  );
}
