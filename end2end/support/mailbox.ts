// The mails that the server has sent, as the SMTP sink of scripts/e2e.sh keeps them: one file each.
import fs from "node:fs";
import path from "node:path";
import { expect } from "@playwright/test";

/** The folder of received mails; undefined when the tested server sends elsewhere. */
export const MAILBOX = process.env.E2E_SMTP_DIR;

/** Waits for the newest mail to this address with these words in its subject, and returns it readable. */
export async function mailTo(address: string, subject: string, least = 1): Promise<string> {
  const found = () => {
    const files = fs.readdirSync(MAILBOX ?? ".").filter((name) => name.endsWith(`-${address}.eml`)).sort();
    const mails = files.map((name) => decoded(fs.readFileSync(path.join(MAILBOX ?? ".", name), "utf8")));
    return mails.filter((mail) => mail.includes(`Subject: ${subject}`));
  };
  await expect.poll(() => found().length, { timeout: 20_000 }).toBeGreaterThanOrEqual(least);
  return found().at(-1) ?? "";
}

/** The path of the first link in a mail that begins with this path. */
export function linkIn(mail: string, start: string): string {
  const match = mail.match(new RegExp(`https?://[^\\s"<]+?(${start.replace(/[/?]/g, "\\$&")}[^\\s"<]*)`));
  expect(match, `a link to ${start} in ${mail}`).not.toBeNull();
  return match?.[1] ?? "";
}

/** Quoted-printable undone, as far as links and ASCII words need it. */
function decoded(mail: string): string {
  const joined = mail.replace(/\r\n/g, "\n").replace(/=\n/g, "");
  return joined.replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}
