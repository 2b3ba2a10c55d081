/**
 * The branch of a task: `farhand/` with a few words of the prompt for people and the end of the id for
 * uniqueness. Only ASCII letters, digits and dashes, so it is safe in a ref, a URL and a shell.
 */
export function branchName(taskId: string, prompt: string): string {
  const words = prompt
    .normalize("NFKD")
    .toLowerCase()
    .match(/[a-z0-9]+/g);
  const slug = (words ?? []).slice(0, 6).join("-").slice(0, 40).replace(/-+$/, "");
  const suffix = taskId.slice(-8);
  return `farhand/${slug ? `${slug}-` : ""}${suffix}`;
}
