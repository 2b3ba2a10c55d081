import Svg, { Path } from "react-native-svg";
import type { ShapeProps } from "./shape-props.ts";

export function Shape({ paths, size, color }: ShapeProps) {
  return (
    <Svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke={color}
      strokeWidth={2}
      strokeLinecap="round"
      strokeLinejoin="round"
      accessibilityElementsHidden
      importantForAccessibility="no-hide-descendants"
    >
      {paths.map((path) => (
        <Path key={path} d={path} />
      ))}
    </Svg>
  );
}
