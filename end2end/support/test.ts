// The `test` every spec imports. Beyond Playwright's own it watches each page: an error in the console, an exception,
// a hydration warning, a blocked resource or any request that leaves the server fails the test.
import { test as base, expect, type Page } from "@playwright/test";

type Fixtures = {
  watch: Watch;
  /** Whether this project runs the page's scripts. */
  scripts: boolean;
  /** Waits until the page's scripts have taken over, so that a click is handled by them. Without scripts: at once. */
  ready: () => Promise<void>;
};

type Watch = {
  /** Complaints that this test causes on purpose (a 422, say) and that therefore do not fail it. */
  allow: (pattern: RegExp) => void;
};

export const test = base.extend<Fixtures>({
  scripts: async ({ javaScriptEnabled }, use) => use(javaScriptEnabled !== false),

  ready: async ({ page, scripts }, use) =>
    use(async () => {
      if (scripts) await page.locator('html[data-hydrated="true"]').waitFor({ state: "attached" });
    }),

  watch: [
    async ({ context, baseURL }, use) => {
      const complaints: string[] = [];
      const allowed: RegExp[] = [];
      const origin = new URL(baseURL ?? "http://127.0.0.1:3000").origin;
      const follow = (page: Page) => {
        page.on("console", (message) => {
          const text = message.text();
          if (message.type() === "error" || (message.type() === "warning" && /hydrat/i.test(text)))
            complaints.push(`console: ${text} (${message.location().url})`);
        });
        page.on("pageerror", (error) => complaints.push(`exception: ${error.message}`));
      };
      context.pages().forEach(follow);
      context.on("page", follow);
      context.on("request", (request) => {
        const url = request.url();
        if (/^https?:/.test(url) && new URL(url).origin !== origin) complaints.push(`request to another host: ${url}`);
      });
      await use({ allow: (pattern) => void allowed.push(pattern) });
      expect(complaints.filter((text) => !allowed.some((pattern) => pattern.test(text)))).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };
