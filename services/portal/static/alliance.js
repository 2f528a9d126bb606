// The little that HTML cannot do alone: menus close, errors get the focus, language pairs say what is stale,
// the feed says how many items came. Every page works without it.
"use strict";

// Menus made of <details> close on Escape and on a click elsewhere.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// Filters are open where there is room for them, and where some are in use.
if (matchMedia("(max-width: 860px)").matches) {
  for (const box of document.querySelectorAll("details[data-wide-open]:not([data-active])")) box.open = false;
}

// After a refused form the summary of errors is read out first.
document.querySelector("[data-focus]")?.focus();

// When one language of a text was changed and the other was not, the other one asks to be read again.
document.addEventListener("input", (event) => {
  const pair = event.target.closest?.("[data-pair]");
  if (!pair || !event.target.name) return;
  event.target.dataset.changed = "yes";
  for (const field of pair.querySelectorAll("input, textarea")) {
    const hint = pair.querySelector(`[data-stale="${field.name.split(".").pop()}"]`);
    const other = [...pair.querySelectorAll("input, textarea")].find((one) => one !== field);
    hint.hidden = !(field.defaultValue && !field.dataset.changed && other.dataset.changed);
  }
});

// The live feed: what arrives is counted aloud, and the light shows whether the line is open.
const feed = document.querySelector("[data-feed]");
if (feed) {
  const status = document.querySelector("[data-feed-status]");
  const live = document.querySelector("[data-live]");
  const say = (on) => {
    live.dataset.live = on ? "on" : "off";
    live.querySelector("[data-live-words]").textContent = on ? live.dataset.on : live.dataset.off;
  };
  let fresh = 0;
  document.addEventListener("htmx:sse:after:connection", () => say(true));
  document.addEventListener("htmx:sse:error", () => say(false));
  document.addEventListener("htmx:sse:close", () => say(false));
  document.addEventListener("htmx:sse:after:message", () => {
    fresh += 1;
    document.querySelector("[data-feed-empty]")?.remove();
    status.textContent = status.dataset.words.replace("#", fresh);
  });
}

// The need statement writes itself while its parts are typed.
const statement = document.querySelector("[data-statement]");
if (statement) {
  document.addEventListener("input", (event) => {
    const slot = statement.querySelector(`[data-slot="${CSS.escape(event.target.name ?? "")}"]`);
    if (!slot) return;
    slot.textContent = event.target.value.trim() || slot.dataset.empty;
    slot.classList.toggle("gap", !event.target.value.trim());
  });
}
