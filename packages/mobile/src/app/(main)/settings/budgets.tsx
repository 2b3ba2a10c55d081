export { BudgetsScreen as default } from "../../../screens/settings/budgets-screen.tsx";
