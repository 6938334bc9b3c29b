// The main job after the students: watch a class being graded, review by keyboard, publish, and the student sees why.
// It changes the demo's waiting assignment, so it runs in one project alone.
import { expectAccessible } from "../support/accessible";
import { signIn } from "../support/people";
import { picture } from "../support/picture";
import { expect, test } from "../support/test";

const TEACHER = "henrike.vollmann@demo.example";
const STUDENT = "mara.lindqvist@demo.example";

test("a class is graded live, reviewed and published", async ({ page, ready }, info) => {
  test.skip(info.project.name !== "desktop-js", "the demo has one waiting assignment");
  test.setTimeout(180_000);
  await signIn(page, TEACHER);
  await page.getByRole("link", { name: "Networks, systems and data", exact: true }).click();
  await ready();
  await page.goto(`${page.url()}/grading`);
  await ready();
  await expect(page.getByText("300 answers wait for your start")).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Start grading" }).click();

  // Without a reload: the first answers, then all of them.
  const graded = page.getByText(/^of 300 answers$/).locator("..");
  await expect(graded).not.toContainText(/^Graded0of/, { timeout: 20_000 });
  await picture(page, info, "grading");
  await expect(graded).toContainText("300of 300", { timeout: 120_000 });
  await expectAccessible(page);
  await picture(page, info, "graded");

  // Review by keyboard: a digit, then Enter, and the next answer is there.
  await page.getByRole("link", { name: "Review answers" }).click();
  await ready();
  const heading = page.locator("h2").filter({ hasText: /^Answer \d+/ });
  const first = await heading.textContent();
  await expectAccessible(page);
  await picture(page, info, "review");
  await page.keyboard.press("2");
  await page.keyboard.press("Enter");
  await expect(heading).not.toHaveText(first ?? "");
  await page.reload();
  await ready();
  await expect(page.getByRole("link", { name: /Decided\s*1/ })).toBeVisible();
});

test("a student sees what was published, and nothing before", async ({ page, ready }, info) => {
  test.skip(info.project.name !== "desktop-js", "one class, one publication");
  const teacher = "tomas.iribarne@demo.example";
  await signIn(page, teacher);
  await page.getByRole("link", { name: "Midterm: the cell", exact: true }).click();
  await ready();
  const assignment = page.url();

  await page.context().clearCookies();
  await signIn(page, STUDENT);
  await expect(page.getByRole("link", { name: /Midterm: the cell/ }).first()).toBeVisible();
  await page.goto(assignment);
  await expect(page.getByRole("link", { name: /result/i })).toHaveCount(0);

  await page.context().clearCookies();
  await signIn(page, teacher);
  await page.goto(`${assignment}/grading`);
  await ready();
  await page.getByText(/^Publish grades for/).first().click();
  const box = page.getByRole("checkbox");
  if (await box.count()) await box.first().check();
  await page.getByRole("button", { name: /^Publish/ }).last().click();
  await expect(page.getByText(/published/i).first()).toBeVisible();

  await page.context().clearCookies();
  await signIn(page, STUDENT);
  await ready();
  await page.getByRole("link", { name: /Midterm: the cell/ }).first().click();
  await ready();
  if (!/\/result$/.test(page.url())) await page.getByRole("link", { name: /result/i }).first().click();
  await expect(page).toHaveURL(/\/submissions\/[0-9a-f-]+\/result$/);
  await ready();
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expectAccessible(page);
  await picture(page, info, "result", true);
});
