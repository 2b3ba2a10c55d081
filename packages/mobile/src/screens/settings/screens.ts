/** The pages of the settings, together: the browser brings them as one file. */
export { AboutScreen } from "./about-screen.tsx";
export { AppearanceScreen } from "./appearance-screen.tsx";
export { BudgetsScreen } from "./budgets-screen.tsx";
export { DevicesScreen } from "./devices-screen.tsx";
export { EgressScreen } from "./egress-screen.tsx";
export { ForgesScreen } from "./forges-screen.tsx";
export { HealthScreen } from "./health-screen.tsx";
export { KeysScreen } from "./keys-screen.tsx";
export { ModelsScreen } from "./models-screen.tsx";
export { NotificationsScreen } from "./notifications-screen.tsx";
export { SettingsScreen } from "./settings-screen.tsx";
