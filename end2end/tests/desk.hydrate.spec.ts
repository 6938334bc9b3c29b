// The review desk under hurried fingers, two graders and a bad line: the right answer is decided, once, and nothing typed is lost.
import type { Locator, Page } from "@playwright/test";
import { expectAccessible } from "../support/accessible";
import { call, type Class, type Item, makeClass, TEACHER } from "../support/class";
import { signIn } from "../support/people";
import { picture } from "../support/picture";
import { expect, test } from "../support/test";

const OFFLINE = /ERR_INTERNET_DISCONNECTED|Failed to fetch/;
type Stored = Item & { human: null | { points: number; comment: string } };

const heading = (page: Page) => page.locator("h2").filter({ hasText: /^Answer \d+, question \d$/ });
const points = (page: Page) => page.locator('.desk-form input[name="points"]');
const comment = (page: Page) => page.getByLabel("Comment for the student");
const trouble = (page: Page) => page.locator(".notice").filter({ hasText: /not (saved|taken back)/ });
const shows = (page: Page, item: Item) => expect(heading(page)).toContainText(item.label);
/** Long enough that a press is meant for the answer one sees: what is tried here is time itself, so it must pass. */
const read = (page: Page) => page.waitForTimeout(500);

async function apart(one: Locator, other: Locator): Promise<void> {
  const [a, b] = [await one.boundingBox(), await other.boundingBox()];
  if (!a || !b) throw new Error("both are on the page");
  const beside = a.x + a.width <= b.x || b.x + b.width <= a.x;
  const below = a.y + a.height <= b.y || b.y + b.height <= a.y;
  expect(beside || below, `${JSON.stringify(a)} does not cover ${JSON.stringify(b)}`).toBe(true);
}

test.describe("at the desk", () => {
  let those: Class;
  let place: string;
  const waiting = async () =>
    (await call<{ items: Stored[] }>(those.teacher, "GET", `${place}/review?state=waiting`)).items;
  const human = async ({ grade }: Item) => (await call<{ item: Stored }>(those.teacher, "GET", `/grades/${grade}`)).item.human;
  const given = async (item: Item) => (await human(item))?.points;
  const lessons = async () => {
    type Progress = { questions: { learnt: null | { lessons: number } }[] };
    const { questions } = await call<Progress>(those.teacher, "GET", `${place}/progress`);
    return questions.reduce((sum, row) => sum + (row.learnt?.lessons ?? 0), 0);
  };
  /** A colleague decides. */
  const decide = async (item: Item, worth: number) => {
    const { version } = (await call<{ item: Item }>(those.teacher, "GET", `/grades/${item.grade}`)).item;
    await call(those.assistant, "POST", `/grades/${item.grade}/decision`, { version, points: worth });
  };
  /** Until no lesson is added any more. */
  const settled = async () => {
    let before = -1;
    await expect.poll(async () => before === (before = await lessons()), { intervals: [700] }).toBe(true);
  };
  /** Opens the desk with all that was learnt, and tells what lies on it. */
  const open = async (page: Page) => {
    await signIn(page, TEACHER);
    await settled();
    const items = await waiting();
    await page.goto(`${place}/review`);
    await page.locator('html[data-hydrated="true"]').waitFor({ state: "attached" });
    await shows(page, items[0]);
    await read(page);
    return items;
  };

  test.beforeAll(async ({}, info) => {
    test.setTimeout(90_000);
    those = await makeClass(info.project.name === "phone-js" ? "E" : "D");
    place = `/assignments/${those.assignment}`;
  });

  test("the next answer is in sight, and its buttons are large enough for a thumb", async ({ page, isMobile }, info) => {
    test.skip(!isMobile, "only where the decision stands below the answer");
    const [first, second] = await open(page);
    const keys = page.locator(".point-keys .button");
    expect((await keys.first().boundingBox())?.height).toBeGreaterThanOrEqual(44);
    await keys.nth(1).click();
    await page.getByRole("button", { name: "Save and next" }).click();
    await shows(page, second);
    await expect.poll(() => given(first)).toBe(100);
    const top = async () => (await page.locator(".desk-paper").boundingBox())?.y ?? -1;
    await expect.poll(top).toBeGreaterThanOrEqual(0);
    await expect(heading(page)).toBeInViewport();
    await picture(page, info, "desk");
  });

  test.describe("with keys and a mouse", () => {
    test.skip(({ isMobile }) => isMobile, "one class is enough");

    test("a double click and a hasty key decide one answer each", async ({ page }) => {
      const [first, second, third, fourth] = await open(page);
      await page.keyboard.press("1");
      await page.getByRole("button", { name: "Save and next" }).dblclick();
      await expect.poll(() => given(first)).toBe(100);
      await shows(page, second);
      await page.keyboard.press("2");
      await page.locator("body").click({ position: { x: 2, y: 2 } });
      await page.evaluate(() => {
        const enter = () => document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
        enter();
        setTimeout(enter, 60);
      });
      await expect.poll(() => given(second)).toBe(200);
      await shows(page, third);
      // What is learnt from the two may change this suggestion; then the click is not meant for it either.
      await settled();
      await read(page);
      let sent = 0;
      page.on("request", (request) => (sent += Number(request.url().endsWith("/rpc/grade/decide"))));
      await page.getByRole("button", { name: /^Accept/ }).dblclick();
      await shows(page, fourth);
      await expect.poll(() => given(third)).toBeDefined();
      // Both clicks were over before the first was answered.
      expect(sent).toBe(1);
      expect(await given(fourth)).toBeUndefined();
    });

    test("in the points field the next number replaces the suggestion", async ({ page }) => {
      const [first, second] = await open(page);
      await points(page).fill("1.5");
      await points(page).press("Enter");
      await shows(page, second);
      await page.keyboard.type("2");
      await expect(points(page)).toHaveValue("2");
      await page.keyboard.press("Enter");
      await expect.poll(async () => [await given(first), await given(second)]).toEqual([150, 200]);
    });

    test("Take back means the answer that is shown, U the last decision, and both leave it in the form", async ({ page }) => {
      const [first, second, third] = await open(page);
      await page.keyboard.press("1");
      await page.keyboard.press("Enter");
      await shows(page, second);
      await comment(page).fill("Say why.");
      await page.keyboard.press("Escape");
      await page.keyboard.press("2");
      await page.keyboard.press("Enter");
      await shows(page, third);
      await expect.poll(() => given(second)).toBe(200);
      await page.keyboard.press("k");
      await page.keyboard.press("k");
      await shows(page, first);
      await page.getByRole("button", { name: "Take back" }).click();
      await expect.poll(() => given(first)).toBeUndefined();
      expect(await given(second)).toBe(200);
      await shows(page, first);
      await expect(points(page)).toHaveValue("1");
      await apart(page.locator(".toast").filter({ hasText: "Decision taken back" }), page.locator(".desk-form"));
      await page.keyboard.press("u");
      await expect.poll(() => given(second)).toBeUndefined();
      await shows(page, second);
      await expect(points(page)).toHaveValue("2");
      await expect(comment(page)).toHaveValue("Say why.");
    });

    test("what was typed waits for its answer, also on another tab, and leaving asks first", async ({ page, ready }) => {
      const [first, second] = await open(page);
      const typed = async () => {
        await shows(page, first);
        await expect(points(page)).toHaveValue("1");
        await expect(comment(page)).toHaveValue("Half a thought");
      };
      await page.keyboard.press("1");
      await comment(page).fill("Half a thought");
      await page.keyboard.press("Escape");
      await page.keyboard.press("j");
      await shows(page, second);
      await expect(comment(page)).toHaveValue("");
      await page.keyboard.press("k");
      await typed();
      await page.getByRole("link", { name: "Skip J" }).click();
      await shows(page, second);
      await page.getByRole("button", { name: "Previous" }).click();
      await typed();
      await page.getByRole("link", { name: /^Decided/ }).click();
      await expect(page).toHaveURL(/state=reviewed/);
      await page.getByRole("link", { name: /^Needs review/ }).click();
      await typed();
      const asked: string[] = [];
      page.on("dialog", async (dialog) => {
        asked.push(dialog.type());
        await dialog.accept();
      });
      await page.reload();
      await ready();
      expect(asked).toEqual(["beforeunload"]);
      await shows(page, first);
      await page.reload();
      expect(asked).toHaveLength(1);
    });

    test("decisions made offline are kept, all of them, and sent when the line is back", async ({ page, context, watch }, info) => {
      watch.allow(OFFLINE);
      const those = (await open(page)).slice(0, 3);
      await context.setOffline(true);
      for (const [at, item] of those.entries()) {
        await shows(page, item);
        await comment(page).fill(`Comment ${at + 1}`);
        await page.keyboard.press("Escape");
        await page.keyboard.press(`${at}`);
        await page.keyboard.press("Enter");
      }
      await expect(trouble(page)).toContainText("3 decisions were not saved");
      for (const [at, { label }] of those.entries()) await expect(trouble(page)).toContainText(`${label}: ${at} ${at === 1 ? "point" : "points"}, with a comment`);
      await trouble(page).getByRole("button", { name: `Look at ${those[1].label} again` }).click();
      await shows(page, those[1]);
      await expect(points(page)).toHaveValue("1");
      await expect(comment(page)).toHaveValue("Comment 2");
      await page.evaluate(() => scrollTo(0, 0));
      await picture(page, info, "unsaved");
      await context.setOffline(false);
      await expect.poll(() => Promise.all(those.map(given))).toEqual([0, 100, 200]);
      expect((await human(those[0]))?.comment).toBe("Comment 1");
      await expect(trouble(page)).toHaveCount(0);
    });

    test("after a failure or a sign-out the same decisions are sent again", async ({ page, context, watch }) => {
      watch.allow(/Failed to load resource/);
      const [first, second, third] = await open(page);
      let down = true;
      await page.route("**/rpc/grade/decide", (route) => (down ? route.fulfill({ status: 503, body: "down" }) : route.continue()));
      for (const item of [first, second]) {
        await shows(page, item);
        await page.keyboard.press("1");
        await page.keyboard.press("Enter");
      }
      await expect(trouble(page)).toContainText("2 decisions were not saved");
      await expectAccessible(page);
      down = false;
      await trouble(page).getByRole("button", { name: "Send again" }).click();
      await expect.poll(() => Promise.all([first, second].map(given))).toEqual([100, 100]);
      await expect(trouble(page)).toHaveCount(0);

      await context.clearCookies();
      await shows(page, third);
      await page.keyboard.press("2");
      await page.keyboard.press("Enter");
      await expect(trouble(page)).toContainText("Please sign in");
      const other = context.waitForEvent("page");
      await trouble(page).getByRole("link", { name: /^Sign in/ }).click();
      const tab = await other;
      await tab.getByLabel("E-mail").fill(TEACHER);
      await tab.getByLabel("Password").fill("demo-password");
      await tab.getByRole("main").getByRole("button", { name: "Sign in" }).click();
      await expect(tab).toHaveURL(new RegExp(`${place}/review$`));
      await trouble(page).getByRole("button", { name: "Send again" }).click();
      await expect.poll(() => given(third)).toBe(200);
      await expect(trouble(page)).toHaveCount(0);
    });

    test("a colleague's decision is not overwritten by what one had begun to type", async ({ page, watch }) => {
      watch.allow(/409|Failed to load resource/);
      const [first, , third] = await open(page);
      await page.keyboard.press("1");
      await comment(page).fill("My own words");
      await page.keyboard.press("Escape");
      const told = page.waitForResponse("**/rpc/grade/items");
      const reviewed = Number((await page.getByRole("link", { name: /^Decided/ }).textContent())?.replace(/\D/g, ""));
      await decide(first, 300);
      await decide(third, 250);
      await told;
      await expect(page.getByRole("link", { name: `Decided ${reviewed + 2}` })).toBeVisible();
      await expect(points(page)).toHaveValue("1");
      await page.keyboard.press("Enter");
      await expect(trouble(page)).toContainText(`${first.label} was not saved`);
      expect(await given(first)).toBe(300);
      await trouble(page).getByRole("button", { name: /^Look at/ }).click();
      await shows(page, first);
      await expect(page.locator(".desk-paper")).toContainText("3 of 3");
      await expect(points(page)).toHaveValue("1");
      await expect(comment(page)).toHaveValue("My own words");
      // Having seen both, one may still decide.
      await read(page);
      await page.keyboard.press("Enter");
      await expect.poll(() => given(first)).toBe(100);
    });

    test("a comment that is typed while suggestions arrive stays, and one piece of news takes the place of another", async ({ page }) => {
      const items = await open(page);
      await expect(page.getByRole("link", { name: /^Decided/ })).toBeVisible();
      // What was learnt before the page was opened is no news. That nothing comes can only be seen by waiting.
      await page.waitForTimeout(1500);
      await expect(page.locator(".toast")).toHaveCount(0);

      let asked = false;
      await page.route("**/rpc/grade/items", async (route) => {
        asked = true;
        await new Promise((done) => setTimeout(done, 1500));
        await route.continue();
      });
      const answered = page.waitForResponse("**/rpc/grade/items");
      const same = items.filter((item) => item.question === items[0].question);
      await decide(same[1], 0);
      await expect.poll(() => asked).toBe(true);
      await comment(page).fill("Typed meanwhile");
      await answered;
      await page.waitForTimeout(300);
      await expect(comment(page)).toHaveValue("Typed meanwhile");
      for (const item of same.slice(2, 4)) {
        const before = await lessons();
        await decide(item, 300);
        await expect.poll(lessons).toBeGreaterThan(before);
      }
      await page.waitForTimeout(300);
      expect(await page.locator(".toast").filter({ hasText: "Learnt" }).count()).toBeLessThanOrEqual(1);
    });

    test("groups keep what was typed when a request fails, and the next one is at hand", async ({ page, context, watch }) => {
      watch.allow(OFFLINE);
      await signIn(page, TEACHER);
      await page.goto(`${place}/groups?question=${those.questions[1]}`);
      await page.locator('html[data-hydrated="true"]').waitFor({ state: "attached" });
      const groups = page.locator("article.group").filter({ has: page.getByRole("button", { name: /^Settle|^Give to/ }) });
      const count = await groups.count();
      const group = groups.first();
      const words = group.getByLabel("Comment for these students");
      await words.fill("For all of you");
      await context.setOffline(true);
      await group.getByRole("button", { name: /^Settle/ }).click();
      await expect(page.getByText("The server cannot be reached.").first()).toBeVisible();
      await expect(words).toHaveValue("For all of you");

      // Also a page that cannot be loaded leaves what is there.
      await page.getByRole("link", { name: "Question 1" }).click();
      const notice = page.locator(".notice").filter({ hasText: "Below is what was here before" });
      await expect(notice).toBeVisible();
      await expect(words).toHaveValue("For all of you");
      await expectAccessible(page);
      await context.setOffline(false);
      await page.getByRole("link", { name: "Question 2" }).click();
      await expect(notice).toHaveCount(0);
      await expect(words).toHaveValue("For all of you");

      await group.getByLabel("Points for all of them").fill("2");
      await group.getByLabel("Points for all of them").press("Enter");
      await expect(page.locator(".notice").filter({ hasText: /answers given 2 points/ })).toBeVisible();
      await expect(groups).toHaveCount(count - 1);
      if (count > 1) await expect(groups.first().getByLabel("Points for all of them")).toBeFocused();
    });
  });
});
