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

// The live feed: new rows go on top and are counted aloud, and the light shows whether the line is open. The browser
// comes back by itself after a break; what it gives up on (an answer that is no stream) is asked for again here.
const feed = document.querySelector("[data-feed]");
if (feed) {
  const SOON = 1000, LATE = 60000; // ms until asked again: doubled each time, not the same for all
  const status = document.querySelector("[data-feed-status]");
  const live = document.querySelector("[data-live]");
  let last = feed.dataset.after;
  let fresh = 0;
  let stream = null;
  let pause = SOON;
  const say = (on) => {
    live.dataset.live = on ? "on" : "off";
    live.querySelector("[data-live-words]").textContent = on ? live.dataset.on : live.dataset.off;
  };
  const listen = () => {
    if (document.hidden || (stream && stream.readyState !== EventSource.CLOSED)) return;
    stream = new EventSource(`${feed.dataset.feed}?after=${last}`);
    stream.onopen = () => {
      say(true);
      pause = SOON;
    };
    stream.onerror = () => {
      say(false);
      if (stream.readyState !== EventSource.CLOSED) return;
      setTimeout(listen, pause * (1 + Math.random()));
      pause = Math.min(pause * 2, LATE);
    };
    stream.onmessage = (event) => {
      last = event.lastEventId;
      fresh += 1;
      document.querySelector("[data-feed-empty]")?.remove();
      feed.insertAdjacentHTML("afterbegin", event.data);
      status.textContent = status.dataset.words.replace("#", fresh);
    };
  };
  // A page nobody looks at gives its connection back: a browser has few for each site.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) stream?.close();
    else listen();
  });
  listen();
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
