/** Phones have no tabs with titles. */
export function usePageTitle(_title: string | null): void {}
