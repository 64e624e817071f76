"use strict";
// The chat on a page of another site: one script tag. No eval, no inline style, no cookie; docs/how-to/gan-khung-tro-chuyen.md.
(() => {
  const tag = document.currentScript || document.querySelector('script[src*="/widget.js"]');
  if (!tag || document.querySelector("nhip-cau")) return;
  const BASE = new URL(tag.src).origin, OWN = "nhipcau:" + BASE + ":";
  const STARTS = ["Em muốn ghi nhu cầu công nghệ", "Chương trình nào hợp với em?", "Xem công nghệ đang có", "Sắp có hội thảo nào?"];
  const MOST = 10e6, SILENCE = 45000, PATIENCE = 20000, LONGEST = 30000;

  // --- what outlives the page: the visitor, the draft, what is not sent yet ---------------------------------------
  const memory = new Map();
  const keep = {
    get(name) { let held = null; try { held = localStorage.getItem(OWN + name); } catch (shut) { /* not allowed here */ } return held ?? memory.get(name) ?? null; },
    set(name, value) { memory.set(name, value); try { localStorage.setItem(OWN + name, value); } catch (shut) { /* the memory has it */ } },
    drop(name) { memory.delete(name); try { localStorage.removeItem(OWN + name); } catch (shut) { /* it is gone with the page */ } },
    names(start) {
      try { return Object.keys(localStorage).filter((one) => one.startsWith(OWN + start)).map((one) => one.slice(OWN.length)); } catch (shut) { return []; }
    },
  };
  const mark = () => [...crypto.getRandomValues(new Uint8Array(12))].map((one) => one.toString(16).padStart(2, "0")).join("");

  // --- what is seen -------------------------------------------------------------------------------------------------
  function make(name, values, ...inside) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(values)) key in made ? (made[key] = value) : made.setAttribute(key, value);
    made.append(...inside);
    return made;
  }
  const given = tag.dataset, name = given.title || "Nhịp Cầu", label = given.label || "Hỏi công nghệ";
  const place = document.createElement("nhip-cau"), root = place.attachShadow({ mode: "open" });
  const count = make("span", { className: "count", hidden: true });
  const opener = make("button", { type: "button", className: "opener", "aria-haspopup": "dialog", "aria-expanded": "false" }, make("span", {}, label), count);
  const shut = make("button", { type: "button", className: "shut", "aria-label": "Đóng khung trò chuyện" }, "×");
  const title = make("h2", { id: "title", tabIndex: -1 }, name);
  const hello = make("div", { className: "hello" }, make("p", {}, given.greeting || "Chào anh/chị. Anh/chị kể khó khăn đang gặp, hoặc bấm một câu:"));
  const talk = make("div", { className: "talk", role: "log", "aria-live": "off", "aria-label": "Cuộc trò chuyện", tabIndex: 0 }, hello);
  const state = make("p", { className: "state", role: "status" });
  const file = make("input", { type: "file", id: "file", className: "unseen", accept: "image/jpeg,image/png,image/webp,image/gif", multiple: true });
  const box = make("textarea", { id: "text", rows: 1, maxLength: 20000, placeholder: "Viết tin nhắn…", enterKeyHint: "send" });
  const form = make("form", { autocomplete: "off" }, file, make("label", { htmlFor: "file", className: "pick" }, "Gửi ảnh"),
    make("label", { htmlFor: "text", className: "unseen" }, "Tin nhắn"), box, make("button", { type: "submit" }, "Gửi"));
  const dialog = make("dialog", { "aria-labelledby": "title" }, make("div", { className: "head" }, title, shut), talk, state, form);
  const region = make("div", { className: "place", role: "region", "aria-label": "Trò chuyện với " + name, hidden: true }, opener, dialog);

  function paint() {
    if (given.side === "left") region.classList.add("left");
    if (["dark", "auto"].includes(given.theme)) region.classList.add(given.theme);
    const shade = /^#[0-9a-f]{6}$/i.test(given.color || "") ? given.color : "";
    if (!shade) return;
    const [red, green, blue] = [1, 3, 5].map((at) => parseInt(shade.slice(at, at + 2), 16) / 255).map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
    const light = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    place.style.setProperty("--nhipcau-color", shade);
    place.style.setProperty("--nhipcau-ink", 1.05 / (light + 0.05) >= 4.5 ? "#fff" : "#000"); // one of the two is always readable
  }
  function line(direction, text) {
    const made = make("div", { className: "line " + direction }, text);
    talk.insertBefore(made, talk.querySelector(".waiting"));
    return made;
  }
  const away = (href, words, className = "") => make("a", { href, className, target: "_blank", rel: "noopener noreferrer" }, words);
  const LINK = /(https?:\/\/[^\s<>"”]*[^\s<>"”.,;:!?)])/;
  function spoken(item) { // what goes with it stands below as links: pictures of ours would need more of the page's policy
    const made = line("out", "");
    item.text.split(LINK).forEach((part, index) => made.append(index % 2 ? away(part, part) : part));
    const files = [...(item.files || [])];
    if (item.calendar) files.push({ label: "Thêm vào lịch", url: item.calendar });
    for (const one of files) {
      const url = new URL(one.url, BASE);
      made.append(away(BASE + url.pathname + url.search, one.picture ? "Xem ảnh: " + one.label : one.label, "enclosed"));
    }
  }
  function hold(text, id) {
    const made = make("div", { className: "line in waiting" }, text);
    made.mark = id;
    talk.append(made);
    down();
  }
  function offer(labels, parent, pressed) {
    parent.append(make("div", { className: "choices" }, ...labels.map((one) => make("button", { type: "button", onclick: () => { say(one, pressed); rest(); } }, one))));
  }
  const clear = () => { for (const old of talk.querySelectorAll(":scope > .choices")) old.remove(); };
  const down = () => { talk.scrollTop = talk.scrollHeight; };
  let answering = null, unread = 0;
  function tell(text) { if (state.textContent !== text) state.textContent = text; }
  function show(item, old) {
    hello.hidden = true;
    clear();
    if (item.direction === "in") {
      const mine = [...talk.querySelectorAll(".waiting")].find((one) => one.textContent === item.text);
      if (mine) mine.remove();
      line("in", item.text);
    } else {
      spoken(item);
      clearTimeout(answering);
      tell("");
      if (item.choices.length) offer(item.choices, talk, true);
      if (!dialog.open && !old) badge(unread + 1);
    }
    down();
  }
  function badge(number) {
    unread = number;
    count.hidden = !number;
    count.textContent = number ? number + " tin mới" : "";
  }

  // --- speaking: nothing typed is lost -------------------------------------------------------------------------------
  const waiting = [];
  let visitor = keep.get("visitor"), sending = false, misses = 0, again = null;
  const within = (time) => { const limit = new AbortController(); setTimeout(() => limit.abort(), time); return limit.signal; };
  const call = (path, values = {}) => fetch(BASE + "/widget/" + path, { ...values, credentials: "omit", headers: { ...values.headers, Authorization: "Bearer " + (visitor || "new") } });
  function say(text, button) {
    text = text.trim();
    if (!text) return;
    hello.hidden = true;
    clear();
    queue({ text, button: !!button, id: mark() });
  }
  function queue(item) {
    if (!item.picture) keep.set("say:" + item.id, JSON.stringify({ ...item, at: Date.now() }));
    waiting.push(item);
    hold(item.text, item.id);
    talk.setAttribute("aria-live", "polite"); // whoever has spoken hears the answer, however soon it comes
    send();
  }
  function pass(item) {
    return item.picture
      ? call("file?id=" + item.id, { method: "POST", headers: { "Content-Type": item.picture.type }, body: item.picture, signal: within(8 * PATIENCE) })
      : call("say", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ text: item.text, button: item.button, id: item.id }), signal: within(PATIENCE) });
  }
  function settled(item) {
    waiting.shift();
    keep.drop("say:" + item.id);
  }
  async function send() {
    clearTimeout(again);
    if (sending || !waiting.length || !visitor) return;
    sending = true;
    const item = waiting[0];
    try {
      const answer = await pass(item);
      misses = 0;
      if (answer.ok) {
        settled(item);
        tell(item.picture ? "Em đã nhận ảnh." : "Em đang xem…");
        clearTimeout(answering);
        answering = setTimeout(() => tell(""), 20000);
      } else if (answer.status >= 500 || answer.status === 429) {
        throw new Error("busy");
      } else {
        const told = await answer.json().catch(() => ({}));
        settled(item);
        for (const one of talk.querySelectorAll(".waiting")) if (one.mark === item.id) one.remove();
        if (!item.picture && !item.button) { box.value = box.value ? item.text + "\n" + box.value : item.text; draft(); } // back in the box
        tell(told.error || "Chưa gửi được, anh/chị thử lại nhé.");
      }
    } catch (problem) {
      misses += 1;
      tell("Mạng đang chập chờn, tin sẽ tự gửi lại.");
    }
    sending = false;
    if (waiting.length) again = setTimeout(send, misses ? Math.min(1000 * 2 ** misses, LONGEST) : 20);
  }
  function draft() {
    box.style.height = "";
    box.style.height = Math.min(box.scrollHeight + 2, 144) + "px";
    box.value ? keep.set("draft", box.value) : keep.drop("draft");
  }

  // --- listening: one stream with a cursor, begun again when it is cut or falls silent --------------------------------
  let last = 0, listening = false, halt = null, lost = 0;
  async function listen() {
    if (listening) return;
    listening = true;
    for (;;) {
      halt = new AbortController();
      let watch = setTimeout(() => halt.abort(), SILENCE), caught = last > 0;
      try {
        const answer = await call("stream?after=" + last, { signal: halt.signal });
        if (!answer.ok) throw new Error(answer.status);
        const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
        let held = "", calm = setTimeout(() => { caught = true; talk.setAttribute("aria-live", "polite"); }, 1500); // what is old is not read aloud
        lost = 0;
        if (state.textContent.startsWith("Mất")) tell("");
        for (;;) {
          const { value, done } = await reader.read();
          if (done) break;
          clearTimeout(watch);
          watch = setTimeout(() => halt.abort(), SILENCE);
          const blocks = (held + value).split("\n\n");
          held = blocks.pop();
          for (const block of blocks) {
            const found = /^id: (\d+)\ndata: (.*)$/s.exec(block);
            if (found && Number(found[1]) > last) { last = Number(found[1]); show(JSON.parse(found[2]), !caught); }
          }
        }
        clearTimeout(calm);
      } catch (problem) { /* told below, tried again */ }
      clearTimeout(watch);
      lost += 1;
      if (dialog.open && lost > 1) tell("Mất kết nối, em đang nối lại…");
      await new Promise((next) => { halt.again = next; setTimeout(next, Math.min(500 * 2 ** lost, LONGEST) * (0.7 + 0.6 * Math.random())); });
    }
  }
  let greeted = false;
  async function greet() {
    while (!greeted) {
      try {
        const told = await (await fetch(BASE + "/widget/hello", { credentials: "omit", signal: within(PATIENCE) })).json();
        if (!told.allowed) { refuse(told.error); return; }
        visitor = visitor || told.visitor;
        keep.set("visitor", visitor);
        greeted = true;
        if (state.textContent.startsWith("Mất")) tell("");
      } catch (problem) {
        tell("Mất kết nối, em đang nối lại…");
        await new Promise((next) => setTimeout(next, 3000));
      }
    }
    listen();
    send();
  }
  function refuse(words) {
    form.hidden = hello.hidden = true;
    talk.replaceChildren(make("p", {}, words), away(BASE + "/", "Mở trang trò chuyện"));
  }

  const rest = () => (matchMedia("(pointer: coarse)").matches ? title : box).focus(); // no keyboard jumps up on a phone

  // --- opening, closing, the keyboard -----------------------------------------------------------------------------------
  opener.addEventListener("click", () => {
    dialog.showModal();
    opener.setAttribute("aria-expanded", "true");
    badge(0);
    rest();
    draft();
    down();
    if (!greeted) greet();
  });
  shut.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => { opener.setAttribute("aria-expanded", "false"); opener.focus(); });
  dialog.addEventListener("keydown", (event) => {
    if (event.key !== "Tab") return;
    const stops = [...dialog.querySelectorAll("button, a, textarea, input, [tabindex='0']")].filter((one) => one.getClientRects().length);
    const at = root.activeElement, first = stops[0], end = stops[stops.length - 1];
    if (event.shiftKey ? at === first || at === title : at === end) { event.preventDefault(); (event.shiftKey ? end : first).focus(); }
  });
  form.addEventListener("submit", (event) => { event.preventDefault(); const text = box.value; box.value = ""; draft(); say(text, false); box.focus(); });
  box.addEventListener("keydown", (event) => { if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); form.requestSubmit(); } });
  box.addEventListener("input", draft);
  file.addEventListener("change", () => {
    hello.hidden = true;
    const chosen = [...file.files].slice(0, 10);
    file.value = "";
    if (chosen.some((one) => one.size > MOST)) tell("Ảnh lớn quá (em nhận đến 10 MB), anh/chị chọn ảnh nhỏ hơn giúp em.");
    for (const one of chosen) if (one.size <= MOST) queue({ text: "(ảnh)", id: mark(), picture: one });
  });
  window.addEventListener("online", () => { send(); if (halt && halt.again) halt.again(); });

  // --- at the start: nothing but the button is loaded; the talk comes when it is opened ----------------------------------
  paint();
  offer(STARTS, hello, false);
  box.value = keep.get("draft") || "";
  const left = keep.names("say:").map((one) => { try { return JSON.parse(keep.get(one)); } catch (broken) { keep.drop(one); return null; } }).filter(Boolean);
  for (const item of left.sort((one, other) => one.at - other.at)) { hello.hidden = true; waiting.push(item); hold(item.text, item.id); }
  if (waiting.length) greet(); // what was said before the page was left goes out now
  const style = make("link", { rel: "stylesheet", href: BASE + "/widget.css" });
  style.addEventListener("load", () => { region.hidden = false; });
  root.append(style, region);
  document.body ? document.body.append(place) : document.addEventListener("DOMContentLoaded", () => document.body.append(place));
})();
