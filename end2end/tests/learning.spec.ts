// Answer groups, the risk dial with its sample, and the radar: every one of them by plain forms as well as with scripts.
import fs from "node:fs";
import type { Page } from "@playwright/test";
import { expectAccessible } from "../support/accessible";
import { call, type Class, type Dial, type Group, type Item, items, makeClass, points, session, SIZES, TEACHER } from "../support/class";
import { signIn } from "../support/people";
import { picture } from "../support/picture";
import { expect, test } from "../support/test";

const LETTER: Record<string, string> = { "desktop-js": "A", "desktop-nojs": "B", "phone-js": "C" };
const [MOST, MORE, EMPTY] = SIZES[0];
const WEIGHTS = (name: string) => new URL(`../../grading/weights/${name}`, import.meta.url);
type Report = { tables: { name: string; answers: number; questions: number; rmse: number; qwk: number; agreement: number }[] };
const REPORT: Report = JSON.parse(fs.readFileSync(WEIGHTS("report.json"), "utf8"));

/** Nothing sticks out to the right. */
async function expectFits(page: Page): Promise<void> {
  const width = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  expect(width[0], "the page is as wide as the window").toBeLessThanOrEqual(width[1]);
}

test.describe.serial("grading a class of one's own", () => {
  let those: Class;
  let place: string;

  test.beforeAll(async ({}, info) => {
    test.setTimeout(90_000);
    those = await makeClass(LETTER[info.project.name]);
    place = `/assignments/${those.assignment}`;
  });

  test.beforeEach(async ({ page }) => signIn(page, TEACHER));

  test("a group is decided, split, merged, and all of it undone", async ({ page, scripts, ready }, info) => {
    test.setTimeout(90_000);
    const [question] = those.questions;
    const decided = async () => (await items(those, question, "reviewed")).map((item) => item.human?.points);
    await page.goto(`${place}/groups?question=${question}`);
    const groups = page.locator("article.group");
    const sized = (n: number) => groups.filter({ has: page.getByRole("heading", { name: `${n} answers say this`, exact: true }) });
    const news = (words: string) => page.locator(".notice").filter({ hasText: words });
    await expect(groups.getByRole("heading")).toHaveText([`${MOST} answers say this`, `${MORE} answers say this`, "2 answers are empty"]);
    await ready();

    // One decision for all of them; what is being typed for others stays with those.
    const half = async (n: number) => {
      await expect(sized(n).getByLabel("Points for all of them")).toHaveValue("1.25");
      await expect(sized(n).getByLabel("Comment for these students")).toHaveValue(`Half a thought for ${n}`);
    };
    const think = async (n: number) => {
      await sized(n).getByLabel("Points for all of them").fill("1.25");
      await sized(n).getByLabel("Comment for these students").fill(`Half a thought for ${n}`);
    };
    await expect(sized(MOST)).toContainText(`${MOST} undecided`);
    if (scripts) await think(MORE);
    await sized(MOST).getByLabel("Points for all of them").fill("2.5");
    await sized(MOST).getByLabel("Comment for these students").fill("Say why the water goes in.");
    await sized(MOST).getByRole("button", { name: `Settle ${MOST} answers` }).click();
    await expect(news(`${MOST} answers given 2.5 points`)).toBeVisible();
    await expect(sized(MOST)).toContainText("now 2.5 of 3");
    await expect(sized(MOST).getByText("Decided", { exact: true })).toBeVisible();
    await expect(sized(MOST).getByRole("button", { name: /^Settle/ })).toHaveCount(0);
    expect(await decided()).toEqual(Array(MOST).fill(250));
    if (scripts) await half(MORE);
    await ready();
    await page.getByRole("button", { name: "Undo" }).click();
    await expect(sized(MOST)).toContainText(`${MOST} undecided`);
    expect(await decided()).toEqual([]);

    // One of them says something else.
    await ready();
    await sized(MOST).getByRole("link", { name: `Show all ${MOST} answers` }).click();
    const members = groups.locator(".member");
    await expect(members).toHaveCount(MOST);
    await ready();
    if (scripts) await expectAccessible(page);
    await expectFits(page);
    await picture(page, info, "groups", true);
    await members.last().getByRole("button", { name: /^Take Answer \d+ out of the group$/ }).click();
    await expect(news("1 answer taken out of a group")).toBeVisible();
    await expect(sized(MOST - 1)).toHaveCount(1);
    await expect(sized(MOST)).toHaveCount(0);

    // Two groups say the same after all. The third moves up, with what was typed for it.
    await ready();
    const empty = groups.filter({ has: page.getByRole("heading", { name: `${EMPTY} answers are empty`, exact: true }) });
    if (scripts) {
      await half(MORE);
      await empty.getByLabel("Comment for these students").fill("Please write something.");
      await empty.getByLabel("Comment for these students").evaluate((field) => Object.assign(field, { same: true }));
    }
    await sized(MORE).getByText("Says the same as another group…").click();
    await sized(MORE).getByLabel("Put these answers into").selectOption({ index: 0 });
    await sized(MORE).getByRole("button", { name: "Merge the groups" }).click();
    await expect(news(`${MORE} answers put into another group`)).toBeVisible();
    await expect(sized(MOST - 1 + MORE)).toContainText(`${MOST - 1 + MORE} undecided`);
    await expect(sized(MORE)).toHaveCount(0);
    if (scripts) {
      await expect(groups).toHaveCount(2);
      await expect(empty.getByLabel("Comment for these students")).toHaveValue("Please write something.");
      expect(await empty.getByLabel("Comment for these students").evaluate((field) => "same" in field), "the field itself stays").toBe(true);
      await expect(sized(MOST - 1 + MORE).getByLabel("Comment for these students")).toHaveValue("");
    }

    // Back, one step after the other.
    await ready();
    await page.getByRole("button", { name: "Undo" }).click();
    await expect(sized(MORE)).toHaveCount(1);
    await expect(sized(MOST - 1)).toHaveCount(1);
    await ready();
    await page.getByRole("button", { name: "Undo" }).click();
    await expect(sized(MOST)).toHaveCount(1);
    await expect(page.getByRole("button", { name: "Undo" })).toHaveCount(0);
    type Groups = { groups: Group[] };
    const back = await call<Groups>(those.teacher, "GET", `${place}/groups?question=${question}`);
    expect(back.groups.map((each) => [each.answers, each.open])).toEqual(SIZES[0].map((n) => [n, n]));
  });

  test("the risk dial says what it would do, does it, is audited and taken back", async ({ page, scripts, ready }, info) => {
    test.setTimeout(90_000);
    const look = () => call<Dial>(those.teacher, "GET", `${place}/dial`);
    // A lesson first, so that there is something to be sure of.
    for (const question of those.questions) {
      const long = (await items(those, question, "waiting")).filter((each) => each.answer.text.length > 60);
      const each = new Map(long.map((item) => [item.answer.text.toLowerCase(), item]));
      for (const { grade, version, answer } of [...each.values()].slice(0, 6))
        await call(those.teacher, "POST", `/grades/${grade}/decision`, { version, points: those.worth(answer.text) * 100 });
    }
    type Learnt = { questions: { learnt: null | { decisions: number; lessons: number } }[] };
    const learnt = async (what: "decisions" | "lessons") =>
      (await call<Learnt>(those.teacher, "GET", `${place}/progress`)).questions.map((row) => row.learnt?.[what]);
    await expect.poll(() => learnt("decisions")).toEqual([6, 6]);

    const before = await look();
    expect(before.target).toBeNull();
    const choice = before.choices.filter((each) => each.released > 0).sort((a, b) => b.target - a.target)[0];
    expect(choice, "a setting that would accept more").toBeDefined();
    const { target, accepted, released, held } = choice;
    const waiting = before.undecided - accepted;

    await page.goto(`${place}/dial`);
    await ready();
    await expect(page.getByText(`Nobody has turned the dial: the model aims at 95 % agreement by itself. ${before.accepted} of ${before.undecided} undecided answers are accepted.`)).toBeVisible();
    await page.getByRole("radio", { name: `${target / 10} % agreement` }).check();
    if (!scripts) await page.getByRole("button", { name: "Show what it would do" }).click();
    await expect(page.getByText(`${accepted} of ${before.undecided} undecided answers would be accepted, ${waiting} would wait for a person.`)).toBeVisible();
    await expect(page.getByText(`Compared with now, ${released} would leave the review queue and ${held} would enter it.`)).toBeVisible();
    if (scripts) await expectAccessible(page);
    await expectFits(page);

    await page.getByText(`Accept ${accepted} answers…`).click();
    await page.getByRole("button", { name: `Accept ${accepted} answers`, exact: true }).click();
    await expect(page.getByText(new RegExp(`^Now: ${target / 10} % agreement, set by Dr. Sunniva Okkenhaugen, .* ${accepted} of ${before.undecided} undecided answers are accepted\\.$`))).toBeVisible();
    const { drawn } = await look();
    expect(drawn).toBe(Math.min(20, accepted));

    // The sample is graded blind: once as the machine would, once not. Between the two the machine learns, and may be less sure of others.
    await expect(page.getByText(`${drawn} answers were drawn at random from those accepted; ${drawn} of them still wait for you.`)).toBeVisible();
    await ready();
    await page.getByRole("link", { name: `Grade ${drawn} drawn answers` }).click();
    await expect(page.getByRole("link", { name: `Random sample ${drawn}` })).toBeVisible();
    const heading = page.locator("h2").filter({ hasText: /^Answer \d+, question \d$/ });
    // Two more pages, opened before and not loaded anew: they see the sample shrink.
    const watchers: Page[] = [];
    for (const path of scripts ? ["dial", "review?state=accepted"] : []) {
      const watcher = await page.context().newPage();
      await watcher.goto(`${place}/${path}`);
      await watcher.locator('html[data-hydrated="true"]').waitFor({ state: "attached" });
      await watcher.evaluate(() => Object.assign(window, { kept: true }));
      watchers.push(watcher);
    }
    for (const agrees of [true, false]) {
      const lessons = await learnt("lessons");
      const sample = (await call<{ items: Item[] }>(those.teacher, "GET", `${place}/review?sample=true&state=accepted`)).items;
      expect(sample.map((item) => item.machine)).toEqual(sample.map(() => null));
      await page.goto(`${place}/review?state=sample`);
      await ready();
      await expect(heading).toContainText(sample[0].label);
      await expect(page.getByRole("group", { name: "Suggestion" })).toHaveCount(0);
      const { item } = await call<{ item: Item }>(those.teacher, "GET", `/grades/${sample[0].grade}`);
      const machine = item.machine?.points ?? 0;
      const mine = agrees ? machine : machine >= 100 ? machine - 100 : machine + 100;
      await page.locator('.desk-form input[name="points"]').fill(points(mine));
      await page.getByRole("button", { name: "Save and next" }).click();
      await expect(heading).not.toContainText(sample[0].label);
      await expect.poll(() => learnt("lessons")).not.toEqual(lessons);
    }
    const after = await look();
    expect(after.audit).toMatchObject({ looked_at: 2, agreed: 1 });
    for (const watcher of watchers) expect(await watcher.evaluate(() => "kept" in window)).toBe(true);
    if (scripts) {
      const [dial, desk] = watchers;
      await expect(dial.getByText(/^1 of 2 agreed: 50 %/)).toBeVisible();
      await expect(dial.getByText(`${after.drawn} answers were drawn at random from those accepted; ${after.drawn - 2} of them still wait for you.`)).toBeVisible();
      await expect(dial.getByRole("link", { name: `Grade ${after.drawn - 2} drawn answers` })).toBeVisible();
      await expect(desk.getByRole("link", { name: `Random sample ${after.drawn - 2}`, exact: true })).toBeVisible();
      await Promise.all(watchers.map((watcher) => watcher.close()));
    }
    await page.goto(`${place}/dial`);
    await ready();
    await expect(page.getByText(/^1 of 2 agreed: 50 %/)).toBeVisible();
    await expect(page.getByText(`${after.drawn} answers were drawn at random from those accepted; ${after.drawn - 2} of them still wait for you.`)).toBeVisible();
    if (scripts) await expectAccessible(page);
    await picture(page, info, "dial", true);

    await page.getByRole("button", { name: "Take it back" }).click();
    await expect(page.getByText("Nobody has turned the dial")).toBeVisible();
    expect((await look()).target).toBeNull();
  });

  test("the radar shows a difference made on purpose, and how graders compare", async ({ page, scripts, ready }, info) => {
    test.setTimeout(90_000);
    const [question, other] = those.questions;
    type Groups = { groups: Group[]; members: { grade: string; label: string }[] };
    const [largest] = (await call<Groups>(those.teacher, "GET", `${place}/groups?question=${question}`)).groups;
    await call(those.teacher, "POST", `/questions/${question}/groups/decision`, { group: largest.group, points: 250 });
    const { members } = await call<Groups>(those.teacher, "GET", `${place}/groups?question=${question}&group=${largest.group}`);

    // The same words, two points less.
    await page.goto(`${place}/review?question=${question}&state=reviewed&grade=${members[0].grade}`);
    await ready();
    await expect(page.locator("h2").filter({ hasText: members[0].label })).toBeVisible();
    await page.locator('.desk-form input[name="points"]').fill("0.5");
    await page.getByRole("button", { name: "Save and next" }).click();
    const now = async () => (await call<{ item: Item }>(those.teacher, "GET", `/grades/${members[0].grade}`)).item.human?.points;
    await expect.poll(now).toBe(50);
    // Somebody else is generous.
    for (const item of (await items(those, other, "waiting")).slice(0, 6))
      await call(those.assistant, "POST", `/grades/${item.grade}/decision`, { version: item.version, points: 300 });

    await page.goto(`${place}/radar`);
    await ready();
    const pair = page.locator("article.pair").filter({ hasText: `${MOST} answers that say nearly the same, 0.5 to 2.5 of 3 points` });
    await expect(pair).toHaveCount(1);
    await expect(pair.getByRole("heading", { name: "Question 1" })).toBeVisible();
    await expect(pair.getByRole("link", { name: members[0].label })).toHaveAttribute("href", new RegExp(`grade=${members[0].grade}`));
    await expect(pair).toContainText("0.5 of 3 decided");
    await expect(pair).toContainText("2.5 of 3 decided");

    type Trend = { name: string; decisions: number; mean: number; margin: number | null };
    const { graders } = await call<{ graders: Trend[] }>(those.teacher, "GET", `${place}/consistency`);
    expect(graders.map((each) => each.decisions).sort((a, b) => b - a)).toEqual([12 + 2 + largest.open, 6]); // some of the group may be decided by now
    for (const { name, decisions, mean, margin } of graders) {
      const row = page.locator(".severity-row").filter({ hasText: name });
      const share = (part: number) => Math.abs(part * 100).toFixed(1);
      await expect(row).toContainText(`${mean < 0 ? "−" : "+"}${share(mean)} % ± ${share(margin ?? 0)} in ${decisions} decisions`);
    }
    // Three of three, where the machine was in doubt, is more than it suggested.
    expect(graders.find((each) => each.decisions === 6)?.mean).toBeGreaterThan(0);
    if (scripts) await expectAccessible(page);
    await expectFits(page);
    await picture(page, info, "radar", true);
  });

  test("one question is reviewed to its end, and leads to the next", async ({ page, scripts, ready }, info) => {
    test.setTimeout(90_000);
    const [question, other] = those.questions;
    // Nothing is settled without a person, and two answers of the first question are left.
    await call(those.teacher, "PUT", `${place}/dial`, { target: 1000 });
    const left = async (of: string) => (await items(those, of, "waiting")).length;
    for (const item of (await items(those, question, "waiting")).slice(2)) {
      const { version } = (await call<{ item: Item }>(those.teacher, "GET", `/grades/${item.grade}`)).item;
      await call(those.assistant, "POST", `/grades/${item.grade}/decision`, { version, points: 100 });
    }
    await expect.poll(() => left(question)).toBe(2);
    const rest = await left(other);
    expect(rest).toBeGreaterThan(2);

    await page.goto(`${place}/review`);
    await ready();
    const questions = page.getByRole("navigation", { name: "Questions" });
    await expect(questions.getByRole("link", { name: `All questions ${rest + 2}` })).toHaveAttribute("aria-current", "page");
    await expect(questions.getByRole("link", { name: `Question 2 ${rest}` })).toBeVisible();
    const heading = page.locator("h2").filter({ hasText: /^Answer \d+, question \d$/ });
    if (scripts) {
      // What is typed here waits, however one comes back.
      const label = (await heading.textContent()) ?? "";
      await page.getByLabel("Comment for the student").fill("Not yet sent");
      await questions.getByRole("link", { name: "Question 1 2" }).click();
      await expect(page).toHaveURL(new RegExp(`question=${question}`));
      await questions.getByRole("link", { name: /^All questions/ }).click();
      await expect(heading).toHaveText(label);
      await expect(page.getByLabel("Comment for the student")).toHaveValue("Not yet sent");
      await page.getByLabel("Comment for the student").fill("");

      // Two queues asked for, one soon after the other: whatever lies on the desk between them takes what is typed.
      const held: (() => void)[] = [];
      await page.route("**/rpc/grade/desk*", async (route) => {
        await new Promise<void>((go) => held.push(go));
        await route.continue();
      });
      await questions.getByRole("link", { name: "Question 1 2" }).click();
      await expect.poll(() => held.length).toBe(1);
      await questions.getByRole("link", { name: /^All questions/ }).click();
      // The second is asked for when the first is there.
      held[0]?.();
      await expect.poll(() => held.length).toBe(2);
      await expect(heading).toHaveText(/question 1$/);
      await page.getByLabel("Comment for the student").fill("In between");
      await page.getByLabel("Comment for the student").fill("");
      held[1]?.();
      await expect(heading).toHaveText(label);
      await page.unroute("**/rpc/grade/desk*");
    }
    await questions.getByRole("link", { name: "Question 1 2" }).click();
    await expect(page).toHaveURL(new RegExp(`question=${question}`));
    await expect(questions.getByRole("link", { name: "Question 1 2" })).toHaveAttribute("aria-current", "page");
    if (scripts) await expectAccessible(page);
    await expectFits(page);
    await picture(page, info, "one-question");
    for (const n of [1, 0]) {
      await ready();
      await expect(heading).toHaveText(/question 1$/);
      const label = (await heading.textContent()) ?? "";
      if (scripts) await page.waitForTimeout(500); // a press that comes too soon is meant for the answer before
      await page.locator('.desk-form input[name="points"]').fill("1");
      await page.getByRole("button", { name: "Save and next" }).click();
      await expect(page).toHaveURL(new RegExp(`question=${question}`));
      await expect(page.getByText(label, { exact: true })).toHaveCount(0);
      await expect(questions.getByRole("link", { name: `Question 1 ${n}` })).toBeVisible();
    }
    await expect(page.getByText("Nothing waits for review in question 1")).toBeVisible();
    if (scripts) await expectAccessible(page);
    await expectFits(page);
    await picture(page, info, "question-done");
    await expect(page.getByRole("link", { name: `All questions (${rest})` })).toBeVisible();
    await page.getByRole("link", { name: `Go on with question 2 (${rest})` }).click();
    await expect(page).toHaveURL(new RegExp(`question=${other}`));
    await expect(heading).toHaveText(/question 2$/);
    expect(await left(question)).toBe(0);
  });
});

test("the register of models says what grades here, and tries another in the shadow", async ({ page, scripts, ready }, info) => {
  test.setTimeout(90_000);
  await signIn(page, "admin@demo.example");
  type Registry = { models: { id: string; name: string; active: boolean }[]; trials: { model: string; state: string; result: null | Result }[] };
  type Measured = { agreed: number; accepted: number };
  type Result = { answers: number; other_points: number; other_decision: number; decided: number; of_candidate: Measured; of_active: Measured };
  const admin = await session("admin@demo.example");
  const look = () => call<Registry>(admin, "GET", "/admin/models");
  const card = (name: string) => page.locator(".panel:not(#trials) article").filter({ has: page.getByRole("heading", { name, exact: true }) });

  // What its training measured stands beside the model that is active.
  const [active] = (await look()).models.filter((model) => model.active);
  await page.goto("/admin/models");
  await ready();
  await expect(page.getByText("Active", { exact: true })).toHaveCount(1);
  await expect(card(active.name)).toContainText("Active");
  await expect(card(active.name)).toContainText(/[1-9]\d* suggestions that stand now are its own\./);
  const [report] = REPORT.tables.filter((row) => row.name === "all");
  const row = card(active.name).getByRole("row", { name: /^all/ });
  for (const figure of [`${report.answers} / ${report.questions}`, report.rmse.toFixed(3), report.qwk.toFixed(3), `${(report.agreement * 100).toFixed(1)} %`])
    await expect(row).toContainText(figure);

  // A head with another ground: registered, and not active by that.
  const head = JSON.parse(fs.readFileSync(WEIGHTS("head.json"), "utf8"));
  head.version = `head-${info.project.name}-${Date.now().toString(36)}`; // a name of its own each time
  head.score.base += 2; // much, so that any twenty-four answers show it
  const file = (name: string, text: string) => ({ name, mimeType: "application/json", buffer: Buffer.from(text) });
  await page.getByLabel("Head (head.json)").setInputFiles(file("head.json", JSON.stringify(head)));
  await page.getByRole("button", { name: "Register" }).click();
  const added = page.getByRole("heading", { level: 3, name: new RegExp(`\\+${head.version}`) });
  await expect(added.first()).toBeVisible();
  const [candidate] = (await look()).models.filter((model) => model.name.includes(`+${head.version}`));
  expect(candidate.active).toBe(false);
  await expect(card(candidate.name)).toContainText("No report was registered with it");
  await ready();
  if (scripts) await expectAccessible(page);

  // Its trial changes nothing, and says how it differs.
  await card(candidate.name).getByLabel("Stored answers to try it on").fill("24");
  await card(candidate.name).getByRole("button", { name: "Try it in the shadow" }).click();
  const done = async () => (await look()).trials.find((trial) => trial.model === candidate.id);
  await expect.poll(async () => (await done())?.state, { timeout: 30_000 }).toBe("done");
  const result = (await done())?.result as Result;
  expect(result).toMatchObject({ answers: 24, decided: 24 });
  expect(result.other_points).toBeGreaterThan(0);
  await page.goto("/admin/models");
  await ready();
  const trial = page.locator("#trials article").filter({ has: page.getByRole("heading", { name: candidate.name, exact: true }) });
  await expect(trial).toContainText("Done");
  await expect(trial).toContainText(`${result.other_points} of 24 answers would get other points, ${result.other_decision} would change between accepted and review`);
  for (const [name, of] of [["This model", result.of_candidate], ["Active then", result.of_active]] as const) {
    const measured = trial.getByRole("row", { name });
    await expect(measured).toContainText(`${of.agreed} of 24 (${((of.agreed / 24) * 100).toFixed(1)} %)`);
    await expect(measured).toContainText(`${of.accepted} of 24`);
  }
  expect((await look()).models.filter((model) => model.active).map((model) => model.name)).toEqual([active.name]);
  if (scripts) await expectAccessible(page);
  await expectFits(page);
  await picture(page, info, "models", true);
});
