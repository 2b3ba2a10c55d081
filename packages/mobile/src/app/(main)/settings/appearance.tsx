export { AppearanceScreen as default } from "../../../screens/settings/appearance-screen.tsx";
