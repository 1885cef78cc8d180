// What Tandem mails to people, where it writes its mails into a folder.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";

/** The same as the system's; without it nobody can look into a mailbox. */
export const mailbox = process.env["TANDEM_MAIL_DIR"] ?? "";

/** The newest link to `page` that was mailed to an address, once there is one that is newer than `older`. */
export async function mailedLink(email: string, page: "verify" | "reset", older?: string): Promise<string> {
  let link = older;
  const isNew = async () => (link = (await newestLink(email, page)) ?? older) !== older;
  await expect.poll(isNew).toBe(true);
  return link ?? "";
}

async function newestLink(email: string, page: string): Promise<string | undefined> {
  // Named by when they were written.
  const names = (await readdir(mailbox)).filter((name) => name.endsWith(".eml")).sort();
  const mails = await Promise.all(names.map(async (name) => unquoted(await readFile(join(mailbox, name), "utf8"))));
  const mail = mails.filter((mail) => mail.includes(`To: ${email}`) && mail.includes(`/${page}#code=`)).at(-1);
  return mail && new RegExp(`http\\S+/${page}#code=[\\w-]+`).exec(mail)?.[0];
}

/** Of quoted-printable, as far as links need it. */
const unquoted = (mail: string) =>
  mail
    .replace(/=\r?\n/g, "")
    .replace(/=([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
