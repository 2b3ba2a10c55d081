export { DevicesScreen as default } from "../../../screens/settings/devices-screen.tsx";
