/**
 * What the pages of the book need besides the theme's own script:
 * a sidebar that folds away on a wide screen, a colour-mode button that says its state,
 * folds that open for print, and scrolling boxes within folds that take the focus.
 */
(() => {
  const WIDE = matchMedia("(min-width: 992px)");

  /** On a wide screen the theme expects the book theme's script to fold the sidebar; it opens a dialog otherwise. */
  function foldSidebar() {
    const button = document.querySelector(".primary-toggle");
    const sidebar = document.getElementById("pst-primary-sidebar");
    if (!button || !sidebar) return;
    const tell = () => {
      if (WIDE.matches) button.setAttribute("aria-expanded", String(!sidebar.classList.contains("pst-sidebar-hidden")));
      else button.removeAttribute("aria-expanded");
    };
    button.addEventListener("click", (event) => {
      if (!WIDE.matches) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      sidebar.classList.toggle("pst-sidebar-hidden");
      tell();
    }, { capture: true });
    WIDE.addEventListener("change", tell);
    tell();
  }

  /** The icon of the colour mode has a meaning only for the eye. */
  function nameColourMode() {
    const root = document.documentElement;
    const words = { light: "light", dark: "dark", auto: "as the system" };
    const tell = () => {
      for (const button of document.querySelectorAll(".theme-switch-button")) {
        button.setAttribute("aria-label", `Colour mode: ${words[root.dataset.mode] ?? words.auto}. Change it`);
      }
    };
    new MutationObserver(tell).observe(root, { attributeFilter: ["data-mode"] });
    tell();
  }

  /** Paper is white, and cannot open a fold. */
  function preparePaper() {
    const root = document.documentElement;
    let theme = root.dataset.theme;
    let opened = [];
    window.addEventListener("beforeprint", () => {
      theme = root.dataset.theme;
      root.dataset.theme = "light";
      opened = [...document.querySelectorAll("article details:not([open], .aras-code)")];
      for (const fold of opened) fold.open = true;
    });
    window.addEventListener("afterprint", () => {
      root.dataset.theme = theme;
      for (const fold of opened) fold.open = false;
      opened = [];
    });
  }

  /** The theme lets a box that scrolls take the focus, but looks only when the window changes its size. */
  function focusBoxesInFolds() {
    document.addEventListener("toggle", () => window.dispatchEvent(new Event("resize")), { capture: true });
  }

  foldSidebar();
  nameColourMode();
  preparePaper();
  focusBoxesInFolds();
})();
