/** What is drawn, in a square of 24. */
export interface ShapeProps {
  paths: readonly string[];
  /** Of a side, in points. */
  size: number;
  color: string;
}
