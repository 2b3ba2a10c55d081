import { screen, userEvent } from "@testing-library/react-native";
import { renderIn } from "../../../test/a-server.tsx";
import { parseServerAddress } from "../../session/server-address.ts";
import { ServerForm } from "./server-form.tsx";

const user = userEvent.setup();

test("what is no address is refused with an example, and what is one is taken", async () => {
  const chosen: string[] = [];
  const choose = (given: string) => {
    const address = parseServerAddress(given);
    if (address) chosen.push(address.baseUrl);
    return address !== null;
  };
  await renderIn(<ServerForm initial="" onChosen={choose} />);
  await user.press(screen.getByRole("button", { name: "Continue" }));
  expect(screen.getByRole("alert")).toHaveTextContent(/such as https:/);
  await user.type(screen.getByLabelText("Server address"), "farhand.example.com");
  await user.press(screen.getByRole("button", { name: "Continue" }));
  expect(chosen).toEqual(["https://farhand.example.com"]);
});
