import { MARK } from "./paths.ts";

export function MarkShape({ size, color }: { size: number; color: string }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 32 32"
      fill="none"
      stroke={color}
      strokeWidth={3.6}
      aria-hidden="true"
    >
      {MARK.stroke.map((path) => (
        <path key={path} d={path} strokeLinecap="round" strokeLinejoin="round" />
      ))}
      <circle cx={MARK.dot.x} cy={MARK.dot.y} r={MARK.dot.r} fill={color} stroke="none" />
    </svg>
  );
}
