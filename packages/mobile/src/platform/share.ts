/** Offers the text to other apps. @returns whether the browser can: where it cannot, copy it */
export async function share(text: string): Promise<boolean> {
  if (typeof navigator.share !== "function") return false;
  try {
    await navigator.share({ text });
  } catch (error) {
    // The person changed their mind.
    if (error instanceof DOMException && error.name === "AbortError") return true;
    return false;
  }
  return true;
}
