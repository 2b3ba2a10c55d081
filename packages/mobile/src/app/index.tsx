import { Text } from "react-native";
export default function Home() {
  return <Text style={{ color: "red" }}>hello</Text>;
}
