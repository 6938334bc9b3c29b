// Every page of every role opens, is accessible in light and dark, and says nothing in the console.
import { expectAccessible } from "../support/accessible";
import { signIn } from "../support/people";
import { picture } from "../support/picture";
import { expect, test } from "../support/test";

const OPEN = ["/", "/sign-in", "/register", "/receipts/verify", "/help", "/help/student", "/gallery"];
const OWN: Record<string, string[]> = {
  "mara.lindqvist@demo.example": ["/", "/courses", "/profile"],
  "tomas.iribarne@demo.example": ["/", "/courses", "/courses/new", "/profile"],
  "admin@demo.example": ["/admin", "/admin/users", "/admin/users/new", "/admin/audit", "/admin/system", "/admin/settings"],
};

test("pages open to everyone", async ({ page, scripts, ready }) => {
  test.setTimeout(120_000);
  for (const path of OPEN) {
    const answer = await page.goto(path);
    expect(answer?.status(), path).toBe(200);
    await ready();
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    if (scripts) await expectAccessible(page);
    // What a screen reader meets, kept beside this file; the gallery has a picture of its own and moves too often.
    const name = path === "/" ? "welcome" : path.slice(1).replace("/", "-");
    if (path !== "/gallery") await expect(page.getByRole("main")).toMatchAriaSnapshot({ name: `${name}.aria.yml` });
  }
});

for (const [email, paths] of Object.entries(OWN)) {
  test(`pages of ${email.split("@")[0]}`, async ({ page, scripts, ready }, info) => {
    test.setTimeout(120_000);
    await signIn(page, email);
    for (const path of paths) {
      const answer = await page.goto(path);
      expect(answer?.status(), path).toBe(200);
      await ready();
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      if (scripts) await expectAccessible(page);
      if (path === "/admin") await picture(page, info, "administration");
    }
  });
}

test("pages of a course for its teacher", async ({ page, scripts, ready }, info) => {
  test.setTimeout(120_000);
  await signIn(page, "henrike.vollmann@demo.example");
  await page.getByRole("link", { name: "Open course" }).first().click();
  await ready();
  await expect(page).toHaveURL(/\/courses\/[0-9a-f-]+$/);
  const course = page.url();
  for (const path of ["", "/people", "/people/import", "/gradebook", "/edit", "/assignments/new"]) {
    const answer = await page.goto(course + path);
    expect(answer?.status(), path).toBe(200);
    await ready();
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    if (scripts) await expectAccessible(page);
  }
  await page.goto(course);
  await picture(page, info, "course");
});

test("what is not there and what is not allowed", async ({ page, watch, scripts, ready }) => {
  watch.allow(/40[134]/);
  expect((await page.goto("/nowhere"))?.status()).toBe(404);
  await ready();
  if (scripts) await expectAccessible(page);
  await signIn(page, "mara.lindqvist@demo.example");
  expect((await page.goto("/admin"))?.status()).toBe(403);
  await ready();
  if (scripts) await expectAccessible(page);
});
