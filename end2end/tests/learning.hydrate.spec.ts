// Suggestions learn from each decision while one watches, and say what they rest on.
import type { Page } from "@playwright/test";
import { expectAccessible } from "../support/accessible";
import { call, type Class, type Item, items, makeClass, points, TEACHER } from "../support/class";
import { signIn } from "../support/people";
import { picture } from "../support/picture";
import { expect, test } from "../support/test";

/** Decisions made here. */
const DECISIONS = 8;
type Learnt = { questions: { learnt: null | { decisions: number; changed: number } }[] };

const hydrated = (page: Page) => page.locator('html[data-hydrated="true"]').waitFor({ state: "attached" });
const suggestion = (page: Page) => page.getByRole("group", { name: "Suggestion" });
/** What the machine says about an answer, as the page writes it. */
const said = ({ machine }: Item): string => {
  const sure = machine?.confidence ?? 1;
  return `${points(machine?.points ?? -1)} of 3 ${sure < 0.005 ? "not sure" : `${Math.round(sure * 100)} % sure`}`;
};

test.describe.serial("learning", () => {
  test.skip(({ javaScriptEnabled, isMobile }) => javaScriptEnabled === false || isMobile, "one class is enough");
  let those: Class;

  test.beforeAll(async () => {
    test.setTimeout(90_000);
    those = await makeClass("L");
  });

  test("decisions change the suggestions of the other answers at once", async ({ page, ready }) => {
    test.setTimeout(90_000);
    const [first, second] = those.questions;
    const before = await items(those, first, "waiting");
    const elsewhere = await items(those, second, "waiting");
    expect(before.length).toBeGreaterThan(DECISIONS + 10);

    // Two pages, neither of them loaded anew from here on.
    await signIn(page, TEACHER);
    const cockpit = await page.context().newPage();
    await cockpit.goto(`/assignments/${those.assignment}/grading`);
    await hydrated(cockpit);
    await expect(cockpit.getByText("Live", { exact: true })).toBeVisible();
    await page.goto(`/assignments/${those.assignment}/review?question=${first}`);
    await ready();
    for (const tab of [page, cockpit]) await tab.evaluate(() => Object.assign(window, { kept: true }));

    const heading = page.locator("h2").filter({ hasText: /^Answer \d+, question 1$/ });
    const place = async () => {
      const label = (await heading.textContent())?.split(",")[0];
      return before.findIndex((item) => item.label === label);
    };
    const decided = new Map<string, number>();
    let at = 0;
    while (decided.size < DECISIONS) {
      await expect.poll(place).toBe(at);
      const { text } = before[at].answer;
      at += 1;
      if (text.trim() === "" || decided.has(text.trim().toLowerCase())) {
        await page.keyboard.press("j");
        continue;
      }
      decided.set(text.trim().toLowerCase(), those.worth(text) * 100);
      for (const key of points(those.worth(text) * 100)) await page.keyboard.press(key);
      await page.keyboard.press("Enter");
    }
    await expect(page.getByText(/^Learnt from new decisions: (1 suggestion|\d+ suggestions) changed$/).first()).toBeVisible();
    await expect(page.getByRole("link", { name: `Decided ${DECISIONS}` })).toBeVisible();

    // All of them are learnt from.
    const learnt = async () => (await call<Learnt>(those.teacher, "GET", `/assignments/${those.assignment}/progress`)).questions.map((row) => row.learnt);
    await expect.poll(async () => (await learnt())[0]?.decisions).toBe(DECISIONS);
    const now = new Map((await Promise.all([items(those, first, "waiting"), items(those, first, "accepted")])).flat().map((item) => [item.grade, item]));
    const changed = before.filter((item) => now.has(item.grade) && said(now.get(item.grade) as Item) !== said(item));
    expect(changed.length).toBeGreaterThan(5);

    // The desk shows the new suggestion of an answer that was fetched with the old one.
    const next = before.findIndex((item, place) => place >= at && changed.includes(item));
    expect(next).toBeLessThan(before.length);
    for (; at < next; at += 1) {
      await expect.poll(place).toBe(at);
      await page.keyboard.press("j");
    }
    await expect.poll(place).toBe(next);
    const words = async () => ((await suggestion(page).locator(".voice-head").textContent()) ?? "").replace(/\s+/g, " ");
    const [value, sure] = said(now.get(before[next].grade) as Item).split(" 3 ");
    await expect.poll(words).toContain(`${value} 3`);
    await expect.poll(words).toContain(sure);
    await expect(page.locator('.desk-form input[name="points"]')).toHaveValue(value.split(" ")[0]);

    // So does the cockpit; the other question's suggestions stay as they were.
    const [told, none] = await learnt();
    expect(none).toBeNull();
    const row = cockpit.getByRole("row", { name: /^Question 1/ });
    const saidToChange = told?.changed ? `: ${told.changed} ${told.changed === 1 ? "suggestion" : "suggestions"} changed` : "";
    await expect(row).toContainText(`learnt from ${DECISIONS}${saidToChange}`);
    await expect(cockpit.getByRole("row", { name: /^Question 2/ })).not.toContainText("learnt");
    const plain = (list: Item[]) => list.map((item) => [item.grade, said(item)]);
    expect(plain(await items(those, second, "waiting"))).toEqual(plain(elsewhere));
    for (const tab of [page, cockpit]) expect(await tab.evaluate(() => "kept" in window)).toBe(true);
    await expectAccessible(cockpit);
  });

  test("a suggestion says what it rests on", async ({ page, ready }, info) => {
    const [question] = those.questions;
    const given = new Map((await items(those, question, "reviewed")).map((item) => [item.grade, item.human?.points]));
    const open = await items(those, question, "waiting");
    const rich = (item: Item) => (item.machine?.evidence.spans.length ?? 0) * 10 + item.answer.text.length / 40;
    const [item] = open.filter((each) => each.machine?.evidence.reference).sort((a, b) => rich(b) - rich(a));
    const evidence = item.machine!.evidence;
    expect(evidence.similar).toHaveLength(3);

    await signIn(page, TEACHER);
    await page.goto(`/assignments/${those.assignment}/review?question=${question}&grade=${item.grade}`);
    await ready();
    await expect(page.locator("h2").filter({ hasText: item.label })).toBeVisible();
    await expect(suggestion(page)).toContainText(`Closest reference: ${evidence.reference}`);
    await expect(suggestion(page).locator(".rubric-part")).toHaveCount(evidence.rubric.length);
    expect(evidence.rubric.length).toBeGreaterThan(3);

    // The carrying words are marked where they stand, and nothing of the answer is lost.
    const bytes = Buffer.from(item.answer.text);
    const marks: string[] = [];
    let end = 0;
    const spans = [...evidence.rubric.flatMap((part) => part.span ?? []), ...evidence.spans];
    for (const span of spans.sort((a, b) => a.start - b.start || a.end - b.end)) {
      if (span.start < end) continue;
      marks.push(bytes.subarray(span.start, span.end).toString());
      end = span.end;
    }
    expect(marks.length).toBeGreaterThan(0);
    const paper = page.locator(".desk-paper .voice-words");
    const shown = await paper.evaluate((element) => {
      const copy = element.cloneNode(true) as Element;
      copy.querySelectorAll(".visually-hidden").forEach((hidden) => hidden.remove());
      return { whole: copy.textContent, marks: Array.from(copy.querySelectorAll("mark"), (mark) => mark.textContent) };
    });
    expect(shown).toEqual({ whole: item.answer.text, marks });

    // The three most similar graded answers, with the points they were given a moment ago.
    const alike = suggestion(page).locator(".alike");
    await expect(alike).toHaveCount(3);
    for (const [at, one] of evidence.similar.entries()) {
      expect(one.points, "what the teacher gave").toBe(given.get(one.grade));
      await expect(alike.nth(at)).toContainText(`${points(one.points)} of 3`);
      await expect(alike.nth(at)).toContainText(`${Math.round(one.similarity * 100)} % alike`);
      await expect(alike.nth(at)).toContainText(one.text.trim());
    }
    await expectAccessible(page);
    await page.mouse.move(0, 0);
    await picture(page, info, "evidence", true);
  });
});
