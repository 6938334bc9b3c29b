// Browser tests. Nothing is started here: scripts/e2e.sh brings up a fresh server and sets BASE_URL.
// *.spec.ts runs with and without JavaScript, *.hydrate.spec.ts only where scripts run, *.plain.spec.ts only where not.
import { defineConfig, devices } from "@playwright/test";

const report = process.env.E2E_REPORT;

export default defineConfig({
  testDir: "tests",
  outputDir: "test-results",
  snapshotPathTemplate: "{testDir}/__snapshots__/{testFileName}/{arg}-{projectName}{ext}",
  fullyParallel: false,
  workers: process.env.E2E_WORKERS ? Number(process.env.E2E_WORKERS) : 2,
  retries: 0,
  forbidOnly: !!process.env.CI,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: report ? [["list"], ["json", { outputFile: report }]] : [["list"]],
  use: {
    baseURL: process.env.BASE_URL ?? "http://127.0.0.1:3000",
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
    colorScheme: "light",
    contextOptions: { reducedMotion: "reduce" },
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
  projects: [
    {
      name: "desktop-js",
      testIgnore: "**/*.plain.spec.ts",
      use: { ...devices["Desktop Chrome"], viewport: { width: 1280, height: 800 } },
    },
    {
      name: "desktop-nojs",
      testIgnore: "**/*.hydrate.spec.ts",
      use: { ...devices["Desktop Chrome"], viewport: { width: 1280, height: 800 }, javaScriptEnabled: false },
    },
    {
      name: "phone-js",
      testIgnore: "**/*.plain.spec.ts",
      use: { ...devices["Pixel 7"] },
    },
  ],
});
