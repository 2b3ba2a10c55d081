/** Shows another site beside this page. */
export function openUrl(url: string): void {
  window.open(url, "_blank", "noopener,noreferrer");
}
