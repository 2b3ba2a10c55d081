import Svg, { Circle, Path } from "react-native-svg";
import { MARK } from "./paths.ts";

export function MarkShape({ size, color }: { size: number; color: string }) {
  return (
    <Svg width={size} height={size} viewBox="0 0 32 32" fill="none" stroke={color} strokeWidth={3.6}>
      {MARK.stroke.map((path) => (
        <Path key={path} d={path} strokeLinecap="round" strokeLinejoin="round" />
      ))}
      <Circle cx={MARK.dot.x} cy={MARK.dot.y} r={MARK.dot.r} fill={color} stroke="none" />
    </Svg>
  );
}
