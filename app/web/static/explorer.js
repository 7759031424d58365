// What makes the pages of the explorer quicker to use. Every page works without it.
"use strict";

const make = (name, attributes = {}, ...children) => {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
};

// A text for the clipboard: the command beside its button.
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.previousElementSibling.textContent);
    button.textContent = "Copied";
  });
}

// Forms that show their answer in place: the address follows, so that it can be sent to somebody.
let latest = 0;
let shown = location.pathname + location.search;
const show = async (form) => {
  const turn = ++latest;
  const given = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
  const address = `${form.action.split("?")[0]}?${given}`;
  const reply = await fetch(address, { headers: { Accept: "text/html" } }).catch(() => null);
  if (turn !== latest) return;
  if (!reply || !reply.ok) return void location.assign(address);
  const page = new DOMParser().parseFromString(await reply.text(), "text/html");
  if (turn !== latest) return;
  for (const old of document.querySelectorAll("[data-swap], #api")) {
    const fresh = page.getElementById(old.id);
    if (fresh) old.replaceWith(document.adoptNode(fresh));
  }
  document.title = page.title;
  centre();
  history.pushState(null, "", address);
  shown = location.pathname + location.search;
};
for (const form of document.querySelectorAll("form[data-live]")) {
  form.querySelector("[data-go]").hidden = true;
  form.addEventListener("submit", (event) => { event.preventDefault(); show(form); });
  form.addEventListener("change", (event) => { if (event.target.type !== "range") show(form); });
  // A link to a place on the page is a step in the history too.
  addEventListener("popstate", () => { if (location.pathname + location.search !== shown) location.reload(); });
}

// A picture that is higher than its place begins where its company is.
const centre = () => {
  for (const root of document.querySelectorAll(".picture .dg-root")) {
    const place = root.closest(".scroll");
    const [box, frame] = [root.getBoundingClientRect(), place.getBoundingClientRect()];
    if (place.scrollHeight > place.clientHeight) place.scrollTop += box.top + box.height / 2 - frame.top - frame.height / 2;
  }
};
centre();

// On a narrow screen the tabs scroll: the page's own is in sight.
for (const tab of document.querySelectorAll(".tabs [aria-current]")) {
  const strip = tab.parentElement;
  strip.scrollLeft += tab.getBoundingClientRect().right - strip.getBoundingClientRect().right;
}

// The slider stops at the days on which something changed.
for (const place of document.querySelectorAll("[data-stops]")) {
  const stops = place.dataset.stops.split(" ").filter(Boolean);
  const day = place.querySelector("input[type=date]");
  if (stops.length < 2) continue;
  const nearest = () => Math.max(0, stops.findLastIndex((stop) => stop <= day.value));
  const slider = make("input", { type: "range", id: "slider", min: 0, max: stops.length - 1, step: 1, "aria-label": "Day, by what changed" });
  const follow = () => { slider.value = nearest(); slider.setAttribute("aria-valuetext", day.value); };
  let waiting;
  slider.addEventListener("input", () => {
    day.value = stops[slider.value];
    slider.setAttribute("aria-valuetext", day.value);
    clearTimeout(waiting);
    waiting = setTimeout(() => show(day.form), 150);
  });
  day.addEventListener("change", follow);
  day.after(slider);
  follow();
}

// Companies as somebody types (the combobox pattern of the ARIA Authoring Practices Guide).
const suggesting = (input, number) => {
  const bySlug = input.dataset.suggest === "slug";
  const list = make("ul", { class: "suggestions", role: "listbox", id: `suggestions-${number}`, "aria-label": "Companies", hidden: "" });
  let asked = 0;
  let waiting;
  let active = -1;
  for (const [key, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id })) {
    input.setAttribute(key, value);
  }
  input.after(list);
  const close = () => {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const choose = (option) => {
    close();
    if (!bySlug) return void location.assign(`/companies/${encodeURIComponent(option.dataset.slug)}`);
    input.value = option.dataset.slug;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const mark = (next) => {
    const options = [...list.children];
    active = (next + options.length) % options.length;
    options.forEach((option, place) => option.setAttribute("aria-selected", String(place === active)));
    input.setAttribute("aria-activedescendant", options[active].id);
  };
  const fill = (found) => {
    list.replaceChildren(...found.map((one, place) => {
      const kind = make("span", { class: "fine" }, one.kind.replaceAll("_", " ").replace(/^ai /, "AI "));
      const option = make("li", { role: "option", id: `${list.id}-${place}`, "aria-selected": "false" }, make("span", {}, one.name), kind);
      option.dataset.slug = one.slug;
      option.addEventListener("pointerdown", (event) => { event.preventDefault(); choose(option); });
      return option;
    }));
    active = -1;
    list.hidden = !found.length;
    input.setAttribute("aria-expanded", String(found.length > 0));
  };
  const ask = async () => {
    const turn = ++asked;
    const text = input.value.trim();
    if (!text) return close();
    const reply = await fetch(`/v1/suggest?limit=8&q=${encodeURIComponent(text.slice(0, 100))}`).catch(() => null);
    if (!reply || !reply.ok || turn !== asked) return;
    const { data } = await reply.json();
    if (turn === asked && document.activeElement === input) fill(data);
  };
  input.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(ask, 90); });
  input.addEventListener("blur", () => { asked += 1; close(); });
  input.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    if (event.key === "ArrowDown") mark(active + 1);
    else if (event.key === "ArrowUp") mark(active < 0 ? list.children.length - 1 : active - 1);
    else if (event.key === "Enter" && active >= 0) choose(list.children[active]);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
};
document.querySelectorAll("[data-suggest]").forEach(suggesting);
