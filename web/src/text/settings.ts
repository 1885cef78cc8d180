// The person's own account, and what goes in and out of it.

const plural = (count: number, one: string, many: string) => `${count.toLocaleString("en")} ${count === 1 ? one : many}`;

export const settingsText = {
  needsNetwork: "This needs a network, and comes as soon as there is one.",
  accountNeedsNetwork: "Your account and your files need a network. Your tasks do not.",
  confirmed: "confirmed",
  notConfirmed: "not confirmed",
  sendConfirmation: "Send a mail to confirm it",
  confirmationSent: "A mail is on its way. Open the link in it.",
  changeEmail: "Change email",
  changeEmailHint: "A code goes to the new address. Until you open the link in that mail, the present one stays.",
  newEmail: "New email",
  emailAsked: (email: string) => `If nobody else has ${email}, a mail is on its way there. Open the link in it to change to it.`,
  haveCode: "I have a code",

  preferences: "On this device",
  shortcuts: "Keyboard: / opens the search",

  transfer: "Tasks in and out",
  exportTasks: "Save your tasks as a file",
  format: "Format",
  exportNow: "Save file",
  exporting: "Saving",
  exported: (name: string) => `Saved as ${name}`,
  received: (bytes: number) => `${(bytes / 1024).toFixed(bytes < 10_240 ? 1 : 0)} KB`,
  importTasks: "Bring tasks in",
  file: "File",
  importInto: "For tasks without a list",
  checkFile: "Check the file",
  checking: "Checking",
  importNow: "Bring in",
  importing: "Bringing in",
  tooLarge: "This file is larger than 16 MB.",
  noFile: "Choose a file first.",
  rowsDone: (done: number, total: number) => `${done} of ${total}`,
  wouldDo: (created: number, updated: number, skipped: number) =>
    `This file would make ${plural(created, "new thing", "new things")}, change ${updated} and leave ${skipped} as they are.`,
  didDo: (created: number, updated: number, skipped: number) =>
    `${plural(created, "new thing", "new things")}, ${updated} changed, ${skipped} left as they were.`,
  leftOut: (count: number) => (count === 1 ? "One row cannot come in:" : `${count} rows cannot come in:`),
  warned: (count: number) => (count === 1 ? "One thing cannot be kept:" : `${count} things cannot be kept:`),
  row: (row: number, message: string) => `Row ${row}: ${message}`,
  formats: {
    JSON: "Tandem (JSON), with everything",
    CSV: "Table (CSV)",
    ICALENDAR: "Calendar (iCalendar)",
    TODOIST_CSV: "Todoist (CSV)",
    GOOGLE_TASKS: "Google Tasks (JSON)",
    VIKUNJA: "Vikunja (data.json or zip)",
  },

  yourData: "Your data",
  yourDataHint: "Everything that is known of your account: sessions, devices, events and mails. Your tasks are a file of their own, above.",
  exportUser: "Save what is known about you",

  deleteAccount: "Delete account",
  deleteHint: "Your account, all your lists and tasks, the trash too, and everything that is known of you go for good. All devices are signed out at once. Save your tasks first if you want to keep them.",
  deleteConfirm: "Delete my account and all my tasks",
  deleteAsk: "Delete your account?",
  deleting: "Deleting",
  goesOn: (when: string) => `Your account will be deleted on ${when}.`,
  keepAccount: "Keep my account",
  accountKept: "Your account stays.",
};
