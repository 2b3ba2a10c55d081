export { DetailsScreen as default } from "../../../../screens/task/details-screen.tsx";
