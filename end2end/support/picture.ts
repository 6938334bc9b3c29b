// Pictures for the README and the documentation, made by the tests so that they cannot drift.
// Kept under docs/pictures with PICTURES=1, otherwise in the throw-away results.
import path from "node:path";
import type { Page, TestInfo } from "@playwright/test";

/** Takes `<name>-<light|dark>[-phone].png` in both colour schemes. */
export async function picture(page: Page, info: TestInfo, name: string, fullPage = false): Promise<void> {
  const phone = info.project.name.startsWith("phone") ? "-phone" : "";
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    const file = `${name}-${colorScheme}${phone}.png`;
    const folder = process.env.PICTURES ? path.resolve(info.config.rootDir, "../../docs/pictures") : info.outputDir;
    await page.screenshot({ path: path.join(folder, file), fullPage, animations: "disabled" });
  }
  await page.emulateMedia({ colorScheme: "light" });
}
