/** Only pages need it: phones read by place. */
export const useReadingOrder = (..._list: unknown[]): (() => void) => nothing;

const nothing = () => undefined;
