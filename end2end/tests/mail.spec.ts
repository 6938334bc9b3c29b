// What mail is for, with and without scripts: confirming an address, a forgotten password, being told, and announced maintenance.
import { expectAccessible } from "../support/accessible";
import { linkIn, MAILBOX, mailTo } from "../support/mailbox";
import { signIn } from "../support/people";
import { expect, test } from "../support/test";

const OLD = "four unrelated words here";
const NEW = "five quite unrelated new words";

test("an address is confirmed, and a forgotten password replaced", async ({ page, scripts, ready, watch }, info) => {
  test.skip(!MAILBOX, "the mails of this server go elsewhere");
  test.setTimeout(120_000);
  const email = `ilse-${info.project.name}-${Date.now()}@demo.example`;
  await page.goto("/register");
  await page.getByLabel("Name").fill("Ilse Wieland");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(OLD);
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page.getByText("Open the link in the mail we sent you")).toBeVisible();

  const confirm = await mailTo(email, "Confirm your e-mail address");
  expect(confirm).toContain("Hello Ilse Wieland,");
  await page.goto(linkIn(confirm, "/verify-email?token="));
  await ready();
  if (scripts) await expectAccessible(page);
  await page.getByRole("button", { name: "Confirm my address" }).click();
  await expect(page.getByText("Your address is confirmed")).toBeVisible();
  await expect(page.getByText("Open the link in the mail we sent you")).toHaveCount(0);

  await page.context().clearCookies();
  await page.goto("/sign-in");
  await page.getByRole("link", { name: "Forgotten password?" }).click();
  await page.getByLabel("E-mail").fill(email);
  await page.getByRole("button", { name: "Send me a link" }).click();
  await expect(page.getByText("If there is an account with this address")).toBeVisible();
  await ready();
  if (scripts) await expectAccessible(page);

  const reset = linkIn(await mailTo(email, "Reset your password"), "/reset-password?token=");
  await page.goto(reset);
  await ready();
  if (scripts) await expectAccessible(page);
  await page.getByLabel("New password").fill("short");
  await page.getByRole("button", { name: "Set new password" }).click();
  await expect(page.getByText("Use at least 10 characters. A few unrelated words work well.").first()).toBeVisible();
  await page.getByLabel("New password").fill(NEW);
  await page.getByRole("button", { name: "Set new password" }).click();
  await expect(page.getByText("Sign in with the new one.")).toBeVisible();
  await mailTo(email, "Your password was changed");

  watch.allow(/40[19]/);
  await page.goto(reset);
  await page.getByLabel("New password").fill("another try with this link");
  await page.getByRole("button", { name: "Set new password" }).click();
  await expect(page.getByText("This link has been used or has ended").first()).toBeVisible();

  await page.goto("/sign-in");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(NEW);
  await page.getByRole("main").getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { level: 1, name: /^Hello/ })).toBeVisible();

  await page.goto("/notifications");
  await ready();
  await expect(page.getByText("Your password was changed")).toBeVisible();
  if (scripts) await expectAccessible(page);
  await page.getByRole("button", { name: "Mark 1 as read" }).click();
  await expect(page.getByRole("button", { name: "Mark 1 as read" })).toHaveCount(0);
  await page.getByRole("link", { name: "What you are told" }).click();
  await expect(page.getByRole("group", { name: "By e-mail" })).toBeVisible();
  await ready();
  if (scripts) await expectAccessible(page);
  await page.getByRole("group", { name: "By e-mail" }).getByLabel("Grades published").uncheck();
  await page.getByLabel("From").fill("22:00");
  await page.getByLabel("Until").fill("06:30");
  await page.getByRole("main").getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Saved.")).toBeVisible();
  await expect(page.getByRole("group", { name: "By e-mail" }).getByLabel("Grades published")).not.toBeChecked();
  await expect(page.getByLabel("Until")).toHaveValue("06:30");
});

test("an administrator sends a test mail", async ({ page, scripts, ready }, info) => {
  test.skip(!MAILBOX, "the mails of this server go elsewhere");
  await signIn(page, "admin@demo.example");
  await page.goto("/admin/mail");
  await ready();
  if (scripts) await expectAccessible(page);
  const to = `test-${info.project.name}@demo.example`;
  await page.getByLabel("Send a test mail to").fill(to);
  await page.getByRole("button", { name: "Send test mail" }).click();
  await expect(page.getByText("The test mail is in the outbox")).toBeVisible();
  await mailTo(to, "Test mail");
  await page.goto("/admin/mail?state=sent");
  await expect(page.getByRole("row", { name: to }).first()).toContainText("Sent");
});

// One after the other: there is one window at a time for the whole server.
test.describe.serial("maintenance", () => {
  test("is announced on every page and called off", async ({ page, scripts, ready }, info) => {
    test.skip(info.project.name === "phone-js", "one window at a time; two projects suffice");
    await signIn(page, "admin@demo.example");
    await page.goto("/admin/maintenance");
    await ready();
    const planned = page.getByRole("button", { name: "Call it off" });
    // The other project may have its window open right now.
    await expect(async () => {
      await page.goto("/admin/maintenance");
      await expect(planned).toHaveCount(0, { timeout: 500 });
    }).toPass({ timeout: 40_000 });
    if (scripts) await expectAccessible(page);
    const tomorrow = new Date(Date.now() + 26 * 3600_000).toISOString().slice(0, 16);
    await page.getByLabel("What people are told").fill("We are moving to a faster machine.");
    await page.getByLabel("From").fill(tomorrow);
    await page.getByRole("checkbox", { name: /Tell \d+ people now/ }).uncheck();
    await page.getByRole("main").getByRole("button", { name: "Pause changes" }).click();
    await expect(planned).toBeVisible();
    await page.goto("/courses");
    await ready();
    await expect(page.getByText("We are moving to a faster machine.")).toBeVisible();
    if (scripts) await expectAccessible(page);
    await page.goto("/admin/maintenance");
    await planned.click();
    await expect(planned).toHaveCount(0);
    await page.goto("/courses");
    await expect(page.getByText("We are moving to a faster machine.")).toHaveCount(0);
  });
});
