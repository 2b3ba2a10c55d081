/** The name that people know a repository by: the last two parts of its address. */
export function repositoryName(address: string): string {
  const plain = address
    .replace(/^[a-z]+:\/\/(?:[^/@]*@)?/, "")
    .replace(/^[^/@]+@/, "")
    .replace(/\.git\/?$/, "")
    .replace(/\/+$/, "");
  return plain.split(/[/:]/).filter(Boolean).slice(-2).join("/") || address;
}
