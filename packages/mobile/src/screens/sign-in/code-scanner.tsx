export interface CodeScannerProps {
  isOpen: boolean;
  onClose: () => void;
  /** @returns whether it was of use */
  onScanned: (text: string) => boolean;
}

/** The page in a browser has its server already: there is nothing to scan. */
export function CodeScanner(_props: CodeScannerProps) {
  return null;
}
