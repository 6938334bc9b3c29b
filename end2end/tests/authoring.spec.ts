// A teacher writes an assignment: mistakes are named and nothing typed is lost, with and without scripts.
import type { Page } from "@playwright/test";
import { expectAccessible } from "../support/accessible";
import { picture } from "../support/picture";
import { expect, test } from "../support/test";

async function signIn(page: Page): Promise<void> {
  await page.goto("/sign-in");
  await page.getByLabel("E-mail").fill("henrike.vollmann@demo.example");
  await page.getByLabel("Password").fill("demo-password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
}

/** The address of the teacher's first course. */
async function course(page: Page): Promise<string> {
  await page.goto("/courses");
  const link = page.locator('main a[href^="/courses/"]:not([href="/courses/new"])').first();
  return (await link.getAttribute("href")) ?? "";
}

const summary = (page: Page) => page.getByRole("alert").filter({ hasText: "attention" });

test("an assignment from the first word to the wastebasket", async ({ page, scripts, ready, watch }, info) => {
  test.slow();
  watch.allow(/status of 422/);
  await signIn(page);
  await page.goto(`${await course(page)}/assignments/new`);
  await ready();
  if (scripts) await expectAccessible(page); // axe is a script

  // A mistake is named, and what was typed stays.
  const title = `Photosynthesis (${info.project.name})`;
  await page.getByLabel("Title").fill(title);
  await page.getByLabel("Instructions").fill("Two sentences are enough.\nUse <your> own words.");
  await page.getByLabel("Due").fill("2199-06-10T14:00");
  await page.getByLabel("Closes").fill("2199-06-09T14:00");
  await page.getByRole("button", { name: "Create draft" }).click();
  await expect(summary(page)).toContainText("It cannot close before it is due.");
  await expect(page.getByLabel("Title")).toHaveValue(title);
  await expect(page.getByLabel("Instructions")).toHaveValue("Two sentences are enough.\nUse <your> own words.");
  if (scripts) await expectAccessible(page); // axe is a script
  await page.getByLabel("Closes").fill("2199-06-12T14:00");
  await page.getByLabel("Late deduction").fill("10");
  await page.getByRole("button", { name: "Create draft" }).click();
  await page.waitForURL(/\/assignments\/[^/]+\/edit/);
  await expect(page.getByText("The draft is there.")).toBeVisible();
  const sheet = new URL(page.url()).pathname;

  // A choice question; the forgotten mark is named.
  await ready();
  await page.getByRole("button", { name: "Single choice" }).click();
  await page.waitForURL(/\/questions\/[^/]+\/edit/);
  await ready();
  await page.locator("#f-prompt").fill("Where does it happen?");
  await page.locator("#f-options-0-text").fill("In the chloroplast");
  await page.locator("#f-options-2-text").fill("In the mitochondrion");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(summary(page)).toContainText("Mark the right option.");
  await expect(page.locator("#f-options-0-text")).toHaveValue("In the chloroplast");
  await ready();
  await page.locator("#f-options-0-correct").check();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.waitForURL(`**${sheet}**`);
  await expect(page.getByText("The question is saved.")).toBeVisible();

  // A short answer with a rubric that does not add up at first.
  await ready();
  await page.getByRole("button", { name: "Short answer" }).click();
  await page.waitForURL(/\/questions\/[^/]+\/edit/);
  await ready();
  await expect(page.getByText("a person will review every answer")).toBeVisible();
  await page.locator("#f-prompt").fill("Explain what light does.");
  await page.locator("#f-points").fill("2");
  await page.locator("#f-references-0").fill("Light splits water; its energy drives the making of sugar.");
  if (scripts) await page.getByRole("button", { name: "Add criterion" }).click();
  await page.locator("#f-rubric-0-title").fill("Water is split");
  await page.locator("#f-rubric-0-points").fill("1");
  await page.locator("#f-rubric-0-items-0-text").fill("Says that water is split.");
  await page.locator("#f-rubric-0-items-0-points").fill("1");
  if (scripts) await expect(page.getByText("Criteria add up to 1 of 2 points")).toBeVisible();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(summary(page)).toContainText("The criteria add up to 1 point, but the question is worth 2 points.");
  await expect(page.locator("#f-rubric-0-items-0-text")).toHaveValue("Says that water is split.");
  if (scripts) await expectAccessible(page); // axe is a script
  await ready();
  await page.locator("#f-points").fill("1");
  await page.getByRole("button", { name: "Save and stay here" }).click();
  await page.waitForURL(/done=/);
  await expect(page.getByRole("status").filter({ hasText: "The question is saved." })).toBeVisible();
  await expect(page.getByLabel("Preview")).toContainText("Water is split");
  await picture(page, info, "question", true);

  // Order, publishing in numbers, and back.
  await page.goto(sheet);
  await ready();
  await page.getByRole("button", { name: "Move question 2 up" }).click();
  await expect(page.locator("#f-question-1")).toContainText("Explain what light does.");
  await expect(page.getByText(/\d+ students? will see 2 questions worth 2 points/)).toBeVisible();
  if (scripts) await expectAccessible(page); // axe is a script
  await picture(page, info, "assignment", true);
  await ready();
  await page.getByRole("button", { name: /^Publish to \d+ student/ }).click();
  await expect(page.getByText("Students see the assignment now.")).toBeVisible();
  await ready();
  await page.getByRole("button", { name: "Make it a draft again" }).click();
  await expect(page.getByText("Students no longer see it.")).toBeVisible();
  await ready();
  await page.getByText("Delete assignment…").click();
  await page.getByRole("button", { name: "Delete with 2 questions" }).click();
  await page.waitForURL(/\/courses\/[^/]+$/);
  await expect(page.locator(`a[href^="${sheet.replace("/edit", "")}"]`)).toHaveCount(0);
});
