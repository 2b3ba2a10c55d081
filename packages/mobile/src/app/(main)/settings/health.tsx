export { HealthScreen as default } from "../../../screens/settings/health-screen.tsx";
