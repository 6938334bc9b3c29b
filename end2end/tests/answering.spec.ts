// A student's path from the first page to the receipt; with scripts and without.
import { expectAccessible } from "../support/accessible";
import { signIn } from "../support/people";
import { picture } from "../support/picture";
import { expect, test } from "../support/test";

const STUDENTS: Record<string, string> = {
  "desktop-js": "ayse.karadag@demo.example",
  "desktop-nojs": "lukasz.wedrychowski@demo.example",
  "phone-js": "chiamaka.nwankwere@demo.example",
};

test("a student answers, submits and keeps a receipt that verifies", async ({ page, scripts, ready }, info) => {
  await signIn(page, STUDENTS[info.project.name]);
  await ready();
  if (scripts) await expectAccessible(page);
  await picture(page, info, "dashboard");
  await page.getByRole("link", { name: /^Start: Warm-up/ }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Warm-up");
  if (scripts) await expectAccessible(page);
  await page.getByRole("button", { name: "Start", exact: true }).click();

  const first = page.getByLabel("Your answer to question 1");
  await first.fill("A function that calls itself.\nWithout a base case it never ends <b>&amp;</b>.");
  const choice = page.getByRole("group", { name: /question 3/ });
  await choice.getByLabel("With the logarithm, O(log n).").check();
  if (scripts) {
    await expect(page.locator(".save-line")).toContainText(/Saved \d\d:\d\d:\d\d/);
    await expectAccessible(page);
    await picture(page, info, "answering");
  } else {
    await page.getByRole("button", { name: "Save answers" }).click();
    await expect(page.getByText(/Your answers are saved \(\d\d:\d\d:\d\d\)/)).toBeVisible();
  }
  await page.reload();
  await ready();
  await expect(first).toHaveValue("A function that calls itself.\nWithout a base case it never ends <b>&amp;</b>.");
  await expect(choice.getByLabel("With the logarithm, O(log n).")).toBeChecked();

  await page.getByLabel("Your answer to question 2").fill("A stack gives back the last first, a queue the first.");
  await page.getByRole("button", { name: "Review and submit" }).click();
  await expect(page.getByText("1 question is not answered.")).toBeVisible();
  if (scripts) await expectAccessible(page);
  await page.getByRole("button", { name: "Submit with 1 question open" }).click();

  await expect(page.getByRole("heading", { level: 1, name: "Receipt" })).toBeVisible();
  await expect(page).toHaveURL(/\/submissions\/[0-9a-f-]+\/receipt$/);
  if (scripts) await expectAccessible(page);
  await picture(page, info, "receipt");
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Save as text" }).click()]);
  const kept = await (await import("node:fs/promises")).readFile(await download.path(), "utf8");
  expect(kept).toContain("auto-grader receipt v1");

  await page.getByRole("link", { name: "Verify", exact: true }).click();
  await expect(page.getByText(/^Valid\./)).toBeVisible();
  await page.goto("/receipts/verify");
  await ready();
  await page.getByLabel("The receipt").fill(kept);
  await page.getByRole("button", { name: "Verify" }).click();
  await expect(page.getByText(/^Valid\./)).toBeVisible();
  await page.goto(`/receipts/verify?receipt=${encodeURIComponent(kept.replace(/sha256 .{4}/, "sha256 0000"))}`);
  await expect(page.getByText(/^Not valid/)).toBeVisible();

  await page.goto("/");
  await expect(page.getByRole("link", { name: /^Receipt: Warm-up/ })).toBeVisible();
});
