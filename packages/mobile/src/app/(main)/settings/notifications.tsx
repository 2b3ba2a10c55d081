export { NotificationsScreen as default } from "../../../screens/settings/notifications-screen.tsx";
