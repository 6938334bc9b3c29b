// Pictures for the README and the documentation, made by the tests so that they cannot drift.
// Kept under docs/pictures with PICTURES=1 (with fewer colours, and so a third of the size, where pngquant is installed), otherwise in the
// throw-away results.
import { spawnSync } from "node:child_process";
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
    if (process.env.PICTURES) spawnSync("pngquant", ["--force", "--skip-if-larger", "--strip", "--quality=85-100", "--ext=.png", path.join(folder, file)]);
  }
  await page.emulateMedia({ colorScheme: "light" });
}
