// Runs before anything is drawn. The page comes with the sign-in in it; this says when that is not what to show, and
// remembers a press of its button until the app is there to hear of it (`src/app/early.ts`).

(() => {
  /* global document, location, localStorage, addEventListener */
  const page = document.documentElement;
  let person = null;
  try {
    person = localStorage.getItem("tandem.person");
  } catch {
    // Where nothing can be kept nobody was here.
  }
  const elsewhere = /^\/(verify|reset)$/.test(location.pathname) || /^#(sign-up|forgot|deleted)/.test(location.hash);
  if (person !== null || elsewhere) page.classList.add("opening");
  addEventListener("submit", (event) => {
    if (!event.target.matches(".account-form")) return;
    event.preventDefault();
    page.dataset.pressed = "";
  });
})();
