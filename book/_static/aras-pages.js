/**
 * Filters and steps of the pages that are written from the tables.
 *
 * Without this script every row is shown and the form is not.
 * The choice is kept in the address, as text, so that it can be passed on.
 */
(() => {
  const form = document.querySelector(".aras-filters");
  const count = document.querySelector(".aras-count");
  const entries = [...document.querySelectorAll(".aras-entry")];
  if (!form || !count) return;

  const words = form.elements.namedItem("words");
  const selects = [...form.querySelectorAll("select")];

  /** Small letters without their marks, so that "Susa" finds "Şuşa". @param {string} text */
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  /** @type {Map<Element, string>} */
  const texts = new Map();
  const textOf = (entry) => {
    if (!texts.has(entry)) texts.set(entry, plain(entry.textContent));
    return texts.get(entry);
  };
  const shown = () => entries.filter((entry) => !entry.classList.contains("aras-left-out"));

  /** @param {Element} entry */
  const fits = (entry, wanted) =>
    selects.every((select) => !select.value || (entry.dataset[select.name] ?? "").split(";").includes(select.value)) &&
    wanted.every((word) => textOf(entry).includes(word));

  const filter = () => {
    const wanted = plain(words.value).split(/\s+/).filter(Boolean);
    for (const entry of entries) entry.classList.toggle("aras-left-out", !fits(entry, wanted));
    for (const group of document.querySelectorAll(".aras-group")) {
      group.classList.toggle("aras-left-out", !group.querySelector(".aras-entry:not(.aras-left-out)"));
    }
    const all = shown().length === entries.length;
    count.textContent = `${all ? "All" : `${shown().length} of`} ${entries.length} ${count.dataset.noun} shown.`;
  };

  const remember = () => {
    const address = new URL(location.href);
    for (const field of [...selects, words]) {
      if (field.value) address.searchParams.set(field.name, field.value);
      else address.searchParams.delete(field.name);
    }
    history.replaceState(null, "", address);
  };

  const recall = () => {
    const asked = new URLSearchParams(location.search);
    // A value that is no option leaves a select empty; then everything is shown.
    for (const field of [...selects, words]) {
      field.value = asked.get(field.name) ?? "";
      if (field.selectedIndex === -1) field.value = "";
    }
  };

  /** A link to a row shows the row, whatever the filter. */
  const showTarget = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target?.closest(".aras-left-out")) return;
    form.reset();
    target.scrollIntoView();
  };

  const step = (by) => {
    const rows = shown();
    const here = rows.findIndex((entry) => entry.hasAttribute("aria-current"));
    const next = here === -1 ? (by > 0 ? 0 : rows.length - 1) : Math.min(Math.max(here + by, 0), rows.length - 1);
    for (const entry of entries) entry.removeAttribute("aria-current");
    const entry = rows[next];
    if (!entry) return;
    entry.setAttribute("aria-current", "true");
    entry.scrollIntoView();
    const said = [...entry.querySelectorAll(".aras-when a, .aras-what")].map((part) => part.textContent).join(" ");
    count.textContent = `${next + 1} of ${rows.length} ${count.dataset.noun}: ${said}`;
  };

  form.addEventListener("input", () => { filter(); remember(); });
  // The fields are empty only after the event.
  form.addEventListener("reset", () => setTimeout(() => { filter(); remember(); }));
  form.addEventListener("submit", (event) => event.preventDefault());
  const steps = document.querySelector(".aras-steps");
  steps?.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) step(button.name === "later" ? 1 : -1);
  });
  addEventListener("hashchange", showTarget);

  for (const part of [form, steps]) if (part) part.hidden = false;
  recall();
  filter();
  showTarget();
})();
