// What a person did to the form before the app was there: the page that the build draws can be typed into from the first
// moment, and nothing of that may be lost. It is taken once and not kept.

interface Early {
  readonly email: string;
  readonly password: string;
  /** Whether the form was sent; `first.js` saw it. */
  readonly pressed: boolean;
}

const NOTHING: Early = { email: "", password: "", pressed: false };
let early = NOTHING;

export function seeEarly(drawn: HTMLElement): void {
  const typed = (name: string) => drawn.querySelector<HTMLInputElement>(`input[name=${name}]`)?.value ?? "";
  const { dataset } = document.documentElement;
  early = { email: typed("email"), password: typed("password"), pressed: dataset["pressed"] !== undefined };
}

export function takeEarly(): Early {
  const taken = early;
  early = NOTHING;
  return taken;
}
