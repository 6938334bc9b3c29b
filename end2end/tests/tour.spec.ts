// The tours: from the first stop to the last, each a real page of the person.
import { expectAccessible } from "../support/accessible";
import { signIn } from "../support/people";
import { picture } from "../support/picture";
import { expect, test } from "../support/test";

const GUESTS: [string, string][] = [
  ["mara.lindqvist@demo.example", "For students"],
  ["henrike.vollmann@demo.example", "For teachers and assistants"],
  ["admin@demo.example", "For administrators"],
];

for (const [email, title] of GUESTS) {
  test(`${email.split("@")[0]} is led through the pages`, async ({ page, scripts, ready }, info) => {
    test.setTimeout(120_000);
    await signIn(page, email);
    await page.goto("/tour");
    await ready();
    const panel = page.getByRole("main").locator("section").filter({ has: page.getByRole("heading", { name: title, exact: true }) });
    const stops = await panel.getByRole("listitem").count();
    expect(stops).toBeGreaterThan(4);
    if (scripts) await expectAccessible(page);
    await panel.getByRole("link", { name: /Begin/ }).click();
    const strip = page.getByRole("region", { name: "Tour" });
    for (let stop = 1; stop <= stops; stop++) {
      await expect(strip).toContainText(`${title}: ${stop} of ${stops}`);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      if (stop === 3) {
        await ready();
        if (scripts) await expectAccessible(page);
        await picture(page, info, `tour-${title.split(" ").at(-1)}`);
      }
      if (stop < stops) await strip.getByRole("link", { name: "Next" }).click();
    }
    await strip.getByRole("link", { name: "Back" }).click();
    await expect(strip).toContainText(`${stops - 1} of ${stops}`);
    // Any other link ends it.
    await strip.getByRole("link", { name: "End the tour" }).click();
    await expect(strip).toHaveCount(0);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  });
}

test("words that are no place on a tour lead nowhere", async ({ page, ready }) => {
  await signIn(page, "mara.lindqvist@demo.example");
  for (const place of ["student-99", "teacher-1", "nonsense", "student-0"]) {
    expect((await page.goto(`/?tour=${place}`))?.status()).toBe(200);
    await ready();
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await expect(page.getByRole("region", { name: "Tour" })).toHaveCount(0);
  }
});
