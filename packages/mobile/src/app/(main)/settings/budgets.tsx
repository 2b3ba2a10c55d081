import { Later } from "../../../layout/later.tsx";
import { settingsScreens } from "../../../screens/parts.ts";

export default function Budgets() {
  return <Later part={settingsScreens}>{({ BudgetsScreen }) => <BudgetsScreen />}</Later>;
}
