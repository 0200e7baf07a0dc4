// Small helps on the dashboard's pages. Everything works without them but the menus of the component library.
"use strict";

// The library would write a style element and evaluate attributes; the content security policy forbids the first.
if (window.htmx) {
  window.htmx.config.includeIndicatorStyles = false;
  window.htmx.config.allowEval = false;
  window.htmx.config.selfRequestsOnly = true;
}

// Menus that only listen to clicks are reached by keyboard too.
function makeReachable() {
  for (const element of document.querySelectorAll("div, span, a:not([href]), h2")) {
    if (!element.hasAttribute("x-on:click") || element.querySelector("a, button, input")) continue;
    element.tabIndex = 0;
    element.setAttribute("role", "button");
    if (!element.hasAttribute("aria-label") && element.classList.contains("material-symbols-outlined")) {
      element.setAttribute("aria-label", element.textContent.trim() === "close" ? "Close the menu" : "Menu");
    }
    element.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      element.click();
    });
  }
}

// A value that is shown once is copied by a button.
function copyButtons() {
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const input = document.getElementById(button.dataset.copy);
      input.select();
      try {
        await navigator.clipboard.writeText(input.value);
      } catch {
        document.execCommand("copy"); // Without TLS there is no clipboard interface.
      }
      button.textContent = button.dataset.copied;
    });
  }
}

// Pairs of key and value: a new blank row whenever the last one is used.
function growingPairs() {
  for (const group of document.querySelectorAll(".t0-kv")) {
    group.addEventListener("input", () => {
      const last = group.lastElementChild;
      if (![...last.querySelectorAll("input")].some((input) => input.value)) return;
      const blank = last.cloneNode(true);
      for (const input of blank.querySelectorAll("input")) {
        input.value = "";
        input.removeAttribute("id");
      }
      group.append(blank);
    });
  }
}

const COLOUR = /^#[0-9a-f]{6}$/i;

// Black or white, whichever contrasts more (WCAG 2.2 section 1.4.3).
function textOn(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const channel = parseInt(colour.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  const light = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return 1.05 / (light + 0.05) >= (light + 0.05) / 0.05 ? "#ffffff" : "#000000";
}

// The login page as it will look, while one types.
function brandingPreview() {
  const preview = document.getElementById("branding-preview");
  if (!preview) return;
  const logo = document.getElementById("id_logo_url");
  const colours = { primary: "#3b3fd8", background: "#f2f3f8" };
  const image = preview.querySelector("img");
  const initials = preview.querySelector("span.t0-preview-logo");

  function paint() {
    for (const [name, standard] of Object.entries(colours)) {
      const typed = document.querySelector(`[data-colour="${name}"]`).value.trim();
      const colour = COLOUR.test(typed) ? typed : standard;
      preview.style.setProperty(`--preview-${name}`, colour);
      if (name === "primary") preview.style.setProperty("--preview-on-primary", textOn(colour));
    }
    const address = logo.value.trim();
    const usable = /^https?:\/\//i.test(address);
    if (usable && image.getAttribute("src") !== address) image.src = address;
    image.hidden = !usable;
    initials.hidden = usable;
  }
  image.addEventListener("error", () => {
    image.hidden = true;
    initials.hidden = false;
  });

  for (const input of document.querySelectorAll("[data-colour]")) {
    const picker = document.createElement("input");
    picker.type = "color";
    picker.disabled = input.disabled;
    picker.setAttribute("aria-label", document.querySelector(`label[for="${input.id}"]`).textContent.trim());
    const follow = () => { picker.value = COLOUR.test(input.value) ? input.value : colours[input.dataset.colour]; };
    follow();
    picker.addEventListener("input", () => { input.value = picker.value; paint(); });
    input.addEventListener("input", follow);
    const row = document.createElement("div");
    row.className = "t0-colour";
    input.replaceWith(row);
    row.append(input, picker);
  }
  preview.closest("form, .t0-branding").addEventListener("input", paint);
  paint();
}

document.addEventListener("DOMContentLoaded", () => {
  makeReachable();
  document.querySelector(".t0-tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  copyButtons();
  growingPairs();
  brandingPreview();
});
