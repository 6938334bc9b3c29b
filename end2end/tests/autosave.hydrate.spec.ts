// Nothing typed is lost: offline, a closed page, two tabs, a server that does not answer.
import type { Page } from "@playwright/test";
import { signIn } from "../support/people";
import { expect, test } from "../support/test";

const STUDENTS: Record<string, string[]> = {
  "desktop-js": ["thorbjorg.snaedal@demo.example", "priyanka.venkatasubramanian@demo.example", "hina.sasaki@demo.example"],
  "phone-js": ["soren.kjeldgaard-bruun@demo.example", "farhad.golestani-rad@demo.example", "oluwaseun.adegbola@demo.example"],
};

async function start(page: Page): Promise<void> {
  await page.getByRole("link", { name: /^(Start|Continue): Warm-up/ }).click();
  await page.getByRole("heading", { level: 1, name: /Warm-up/ }).waitFor();
  const start = page.getByRole("button", { name: "Start", exact: true });
  if (await start.isVisible()) await start.click();
  await page.getByLabel("Your answer to question 1").waitFor();
}

const saved = (page: Page) => expect(page.locator(".save-line")).toContainText(/Saved \d\d:\d\d:\d\d/, { timeout: 20_000 });

test("what is typed offline is kept and arrives later", async ({ page, context, ready, watch }, info) => {
  watch.allow(/ERR_INTERNET_DISCONNECTED|Failed to fetch/);
  await signIn(page, STUDENTS[info.project.name][0]);
  await ready();
  await start(page);
  await context.setOffline(true);
  await page.getByLabel("Your answer to question 1").fill("typed on the train");
  await page.getByLabel("Your answer to question 2").fill("in a tunnel");
  await expect(page.getByText("You are offline.")).toBeVisible();
  await expect(page.locator(".save-line")).toContainText("2 changes waiting");
  await context.setOffline(false);
  await saved(page);
  await expect(page.getByText("You are offline.")).toBeHidden();
  await page.reload();
  await expect(page.getByLabel("Your answer to question 1")).toHaveValue("typed on the train");
});

test("a page closed while offline sends its words at the next visit", async ({ page, context, ready, watch }, info) => {
  watch.allow(/ERR_INTERNET_DISCONNECTED|Failed to fetch/);
  await signIn(page, STUDENTS[info.project.name][1]);
  await ready();
  await start(page);
  const address = page.url();
  await context.setOffline(true);
  await page.getByLabel("Your answer to question 1").fill("then the laptop was closed");
  await page.close();
  await context.setOffline(false);
  const again = await context.newPage();
  await again.goto(address);
  await expect(again.getByLabel("Your answer to question 1")).toHaveValue("then the laptop was closed");
  await saved(again);
  expect(await again.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith("ag:")))).toEqual([]);
});

test("two tabs and a failing server lose nothing", async ({ page, context, ready, watch }, info) => {
  watch.allow(/503|Failed to load resource/);
  await signIn(page, STUDENTS[info.project.name][2]);
  await ready();
  await start(page);
  const other = await context.newPage();
  await other.goto(page.url());
  await other.locator('html[data-hydrated="true"]').waitFor({ state: "attached" });
  let down = true;
  await context.route("**/rpc/submission/save", (route) => (down ? route.fulfill({ status: 503, body: "down" }) : route.continue()));
  await page.getByLabel("Your answer to question 1").fill("from the first tab");
  await other.getByLabel("Your answer to question 2").fill("from the second tab");
  await expect(page.getByText("The server does not answer right now.")).toBeVisible();
  down = false;
  // Whichever tab comes first sends what both have typed; the other then has nothing left to send.
  for (const tab of [page, other]) await expect(tab.locator(".save-line")).toContainText(/saved/i, { timeout: 20_000 });
  await page.reload();
  await expect(page.getByLabel("Your answer to question 1")).toHaveValue("from the first tab");
  await expect(page.getByLabel("Your answer to question 2")).toHaveValue("from the second tab");
});
