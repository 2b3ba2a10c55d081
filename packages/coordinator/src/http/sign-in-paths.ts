/** Where people and programs sign in: all that changes something there counts as an attempt. */
export function isSignIn(method: string, path: string): boolean {
  return (
    method === "POST" && /^\/(api\/)?(auth|oauth2?|setup|device|sign-in|link|invite|consent)(\/|$)/.test(path)
  );
}
