// The demo institution's people, as tests sign them in.
import { expect, type Page } from "@playwright/test";

export const PASSWORD = "demo-password";

/** Signs in with the plain form, with scripts or without, and lands on the first page. */
export async function signIn(page: Page, email: string): Promise<void> {
  await page.goto("/sign-in");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("main").getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { level: 1, name: /^Hello/ })).toBeVisible();
}
