// Signing in with a slip of the finger: only the password has to be typed again.
import { expect, test } from "../support/test";

test("a wrong password leaves the address where it was typed", async ({ page, context, ready }) => {
  const form = async () => {
    await ready();
    return { address: page.getByLabel("E-mail"), password: page.getByLabel("Password") };
  };
  await page.goto("/sign-in?next=/profile");
  let { address, password } = await form();
  await address.fill(" Mara.Lindqvist@demo.example");
  await password.fill("not-her-password");
  await page.getByRole("main").getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert").filter({ hasText: "is not right" })).toBeVisible();
  ({ address, password } = await form());
  await expect(address).toHaveValue("Mara.Lindqvist@demo.example");
  await expect(password).toHaveValue("");
  expect(page.url()).not.toContain("Mara");
  expect(page.url()).not.toContain("not-her-password");
  expect((await context.cookies()).map((cookie) => cookie.name)).not.toContain("typed_address");
  await password.fill("demo-password");
  await page.getByRole("main").getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL("**/profile");

  // It is told once: whoever comes next to this browser does not see it.
  await context.clearCookies({ name: "session" });
  await page.goto("/sign-in");
  ({ address } = await form());
  await expect(address).toHaveValue("");
});
