// What a teacher types into a question and does not save comes back: after a link, the way back, a closed tab.
import type { Page } from "@playwright/test";
import { expectAccessible } from "../support/accessible";
import { call, session, TEACHER } from "../support/class";
import { signIn } from "../support/people";
import { picture } from "../support/picture";
import { expect, test } from "../support/test";

const notice = (page: Page) => page.locator(".notice").filter({ hasText: /^Unsaved text from \d+ \w+ \d{4}, \d\d:\d\d was put back\./ });
const hydrated = (page: Page) => page.locator('html[data-hydrated="true"]').waitFor({ state: "attached" });
const prompt = (page: Page) => page.locator("#f-prompt");
/** The texts of what this device keeps. */
const kept = (page: Page) => page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith("ag:draft:")));
const WORDS = { prompt: "Why is the sky blue?", points: 200, key: { kind: "short_answer", allow_file: false }, references: ["Short waves are scattered more."], rubric: [] };

/** A question of its own, and the address of its editor. */
async function question(changes: object = {}): Promise<{ id: string; address: string; change: (to: object) => Promise<void> }> {
  const teacher = await session(TEACHER);
  const code = `SKY-${Math.random().toString(36).slice(2, 8)}`.toUpperCase();
  const course = (await call<{ id: string }>(teacher, "POST", "/courses", { code, title: "Light" })).id;
  const made = { title: "Quiz: light", due_at: null, closes_at: null };
  const assignment = (await call<{ id: string }>(teacher, "POST", `/courses/${course}/assignments`, made)).id;
  const { id } = await call<{ id: string }>(teacher, "POST", `/assignments/${assignment}/questions`, { ...WORDS, ...changes });
  return {
    id,
    address: `/questions/${id}/edit`,
    change: async (to) => void (await call(teacher, "PUT", `/questions/${id}`, { ...WORDS, ...changes, ...to })),
  };
}

test("a question that was left unsaved is put back, and forgotten when it is saved", async ({ page, context, ready }, info) => {
  const { address } = await question();
  await signIn(page, TEACHER);
  await page.goto(address);
  await ready();
  await expect(notice(page)).toHaveCount(0);
  await prompt(page).fill("Why is the evening sky red?");
  await page.getByRole("button", { name: "Add reference answer" }).click();
  await page.locator("#f-references-1").fill("The way through the air is longer.");
  await page.getByRole("button", { name: "Add criterion" }).click();
  await page.locator("#f-rubric-0-title").fill("Scattering");
  await page.locator("#f-rubric-0-points").fill("2");
  await page.locator("#f-rubric-0-items-0-text").fill("Says that blue is scattered away.");
  const typed = async (page: Page) => {
    await expect(notice(page)).toBeVisible();
    await expect(prompt(page)).toHaveValue("Why is the evening sky red?");
    await expect(page.locator("#f-references-0")).toHaveValue("Short waves are scattered more.");
    await expect(page.locator("#f-references-1")).toHaveValue("The way through the air is longer.");
    await expect(page.locator("#f-rubric-0-title")).toHaveValue("Scattering");
    await expect(page.locator("#f-rubric-0-items-0-text")).toHaveValue("Says that blue is scattered away.");
  };

  // A link, and back.
  await page.getByRole("link", { name: "Cancel" }).click();
  await page.waitForURL(/\/assignments\/[^/]+\/edit/);
  await page.goBack();
  await page.waitForURL(`**${address}`);
  await typed(page);

  // A closed tab.
  await page.close();
  const other = await context.newPage();
  await other.goto(address);
  await hydrated(other);
  await typed(other);
  await expect(other.getByText("saved anew meanwhile")).toHaveCount(0);
  await expectAccessible(other);
  await other.evaluate(() => scrollTo(0, 0));
  await picture(other, info, "unsaved-question");

  // Saved, it needs no draft; neither here nor at the next visit.
  await other.locator("#f-rubric-0-items-0-points").fill("2");
  await other.getByRole("button", { name: "Save and stay here" }).click();
  await other.waitForURL(/done=/);
  await expect(other.getByLabel("Preview")).toContainText("Why is the evening sky red?");
  await expect(notice(other)).toHaveCount(0);
  expect(await kept(other)).toEqual([]);
  await other.reload();
  await hydrated(other);
  await expect(prompt(other)).toHaveValue("Why is the evening sky red?");
  await expect(other.locator("#f-references-1")).toHaveValue("The way through the air is longer.");
  await other.locator("#f-references-1").fill("Blue is lost on the way.");
  await other.getByRole("button", { name: "Save", exact: true }).click();
  await other.waitForURL(/\/assignments\/[^/]+\/edit/);
  await expect(other.getByText("The question is saved.")).toBeVisible();
  expect(await kept(other)).toEqual([]);
});

test("unsaved text can be discarded", async ({ page, ready }) => {
  const key = { kind: "single_choice", options: [{ text: "blue", correct: true }, { text: "green", correct: false }, { text: "red", correct: false }] };
  const { address } = await question({ key, references: [] });
  await signIn(page, TEACHER);
  await page.goto(address);
  await ready();
  await page.getByRole("button", { name: "Remove option 2" }).click();
  await page.locator("#f-options-2-correct").check();
  await page.locator("#f-points").fill("3");
  await page.reload();
  await ready();
  // Two options are left, and the mark has moved up with its own.
  await expect(notice(page)).toBeVisible();
  await expect(page.locator("#f-options-0-text")).toHaveValue("blue");
  await expect(page.locator("#f-options-1-text")).toHaveValue("red");
  await expect(page.locator("#f-options-1-correct")).toBeChecked();
  await expect(page.locator("#f-options-2-text")).toHaveValue("");
  await notice(page).getByRole("button", { name: "Discard" }).press("Enter");
  await expect(notice(page)).toHaveCount(0);
  await expect(prompt(page)).toBeFocused();
  for (const [place, text] of ["blue", "green", "red"].entries()) await expect(page.locator(`#f-options-${place}-text`)).toHaveValue(text);
  await expect(page.locator("#f-options-0-correct")).toBeChecked();
  await expect(page.locator("#f-points")).toHaveValue("2");
  expect(await kept(page)).toEqual([]);
  await page.reload();
  await ready();
  await expect(notice(page)).toHaveCount(0);
});

test("what is typed while a save is under way is not lost with it", async ({ page, ready }) => {
  const { address } = await question();
  await signIn(page, TEACHER);
  await page.goto(address);
  await ready();
  await prompt(page).fill("Why is the sky orange?");
  let go = () => {};
  const held = new Promise<void>((free) => (go = free));
  await page.route("**/rpc/question/update*", async (route) => {
    await held;
    await route.continue();
  });
  const sent = page.waitForRequest("**/rpc/question/update*");
  await page.getByRole("button", { name: "Save and stay here" }).click();
  await sent;
  await prompt(page).fill("Why is the sky orange in the evening?");
  go();
  await expect(page.getByLabel("Preview")).toContainText("Why is the sky orange?");
  await expect(notice(page)).toBeVisible();
  await expect(prompt(page)).toHaveValue("Why is the sky orange in the evening?");
});

test("a full device does not bring back what is older, and signing out leaves nothing", async ({ page, ready }) => {
  const { address } = await question();
  await signIn(page, TEACHER);
  await page.goto(address);
  await ready();
  await prompt(page).fill("Why is the sky older?");
  await expect.poll(() => kept(page)).toHaveLength(1);
  await page.evaluate(() => {
    Storage.prototype.setItem = () => {
      throw new DOMException("no room", "QuotaExceededError");
    };
  });
  await prompt(page).fill("Why is the sky newer?");
  await page.getByRole("link", { name: "Cancel" }).click();
  await page.waitForURL(/\/assignments\/[^/]+\/edit/);
  await page.goBack();
  await expect(prompt(page)).toHaveValue("Why is the sky newer?");

  page.on("dialog", (dialog) => void dialog.accept());
  await page.reload();
  await ready();
  await prompt(page).fill("Why is the sky at all?");
  await expect.poll(() => kept(page)).toHaveLength(1);
  await page.locator(".user-menu summary").click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL((url) => !url.pathname.startsWith("/questions"));
  expect(await kept(page)).toEqual([]);
});

test("text that was typed over an older question says so", async ({ page, ready }) => {
  const { address, change } = await question();
  await signIn(page, TEACHER);
  await page.goto(address);
  await ready();
  await prompt(page).fill("Why is the sky black at night?");
  await change({ prompt: "Why is the sky grey?" });
  await page.reload();
  await ready();
  await expect(notice(page)).toContainText("The question was saved anew meanwhile");
  await expect(prompt(page)).toHaveValue("Why is the sky black at night?");
  await expect(page.getByLabel("Preview")).toContainText("Why is the sky grey?");
  await page.getByRole("button", { name: "Save and stay here" }).click();
  await page.waitForURL(/done=/);
  await expect(page.getByLabel("Preview")).toContainText("Why is the sky black at night?");
});

test("where the device keeps nothing, leaving asks first", async ({ page, ready }) => {
  const { address } = await question();
  await page.addInitScript(() => {
    Storage.prototype.setItem = () => {
      throw new DOMException("no room", "QuotaExceededError");
    };
  });
  await signIn(page, TEACHER);
  await page.goto(address);
  await ready();
  await prompt(page).fill("Why is the sky so far away?");
  await page.getByRole("link", { name: "Cancel" }).click();
  await page.waitForURL(/\/assignments\/[^/]+\/edit/);
  await page.goBack();
  await expect(prompt(page)).toHaveValue("Why is the sky so far away?");
  const asked: string[] = [];
  page.on("dialog", async (dialog) => {
    asked.push(dialog.type());
    await dialog.accept();
  });
  await page.reload();
  expect(asked).toEqual(["beforeunload"]);
});
