/** Names what holds a row. The list places it, as one of many that are children of the same element. */
export const ROW_MARK = "row-place";
