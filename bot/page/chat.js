"use strict";
// The page: history and news come from one stream with a cursor; what cannot be sent yet waits in the box below.
const talk = document.getElementById("talk"), form = document.getElementById("say"), box = document.getElementById("text");
const state = document.getElementById("state"), hello = document.getElementById("hello");
const STARTS = ["Em muốn ghi nhu cầu công nghệ", "Chương trình nào hợp với em?", "Xem công nghệ đang có", "Sắp có hội thảo nào?"];
let last = 0, waiting = [], sending = false, answering = null;

function line(direction, text) {
  const made = document.createElement("div");
  made.className = "line " + direction;
  if (direction === "out") linked(text, made); else made.textContent = text;
  talk.append(made);
  return made;
}
const LINK = /(https?:\/\/[^\s<>"”]*[^\s<>"”.,;:!?)])/;
function linked(text, parent) {
  text.split(LINK).forEach((part, index) => {
    if (index % 2 === 0) return parent.append(part);
    const made = document.createElement("a");
    made.href = part;
    made.target = "_blank";
    made.rel = "noopener noreferrer";
    made.textContent = part;
    parent.append(made);
  });
}
function choices(labels, parent, pressed) {
  const row = document.createElement("div");
  row.className = "choices";
  for (const label of labels) {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = label;
    made.addEventListener("click", () => say(label, pressed));
    row.append(made);
  }
  parent.append(row);
}
function enclosed(item, parent) {
  const files = [...(item.files || [])];
  if (item.calendar) files.push({ label: "Thêm vào lịch", url: item.calendar });
  for (const file of files) {
    const made = document.createElement("a"), url = new URL(file.url, location.href);
    made.href = url.pathname + url.search; // our own address, whatever name the page was opened under
    made.className = "enclosed";
    if (file.picture) {
      const picture = document.createElement("img");
      picture.src = made.href;
      picture.alt = file.label;
      picture.addEventListener("load", down);
      made.append(picture);
    } else made.textContent = file.label;
    parent.append(made);
  }
}
function down() { talk.scrollTop = talk.scrollHeight; }
function show(item) {
  hello.hidden = true;
  for (const old of talk.querySelectorAll(".choices")) if (!hello.contains(old)) old.remove();
  if (item.direction === "in") {
    const mine = talk.querySelector(".waiting");
    if (mine && mine.textContent === item.text) mine.classList.remove("waiting"); else line("in", item.text);
  } else {
    enclosed(item, line("out", item.text));
    clearTimeout(answering);
    state.textContent = "";
    if (item.choices.length) choices(item.choices, talk, true);
  }
  down();
}
function say(text, button) {
  text = text.trim();
  if (!text) return;
  hello.hidden = true;
  for (const old of talk.querySelectorAll(".choices")) old.remove();
  line("in", text).classList.add("waiting");
  waiting.push({ text, button: !!button, id: mark() });
  down();
  send();
}
async function send() {
  if (sending || !waiting.length) return;
  sending = true;
  try {
    const answer = await fetch("/say", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(waiting[0]) });
    if (answer.ok) {
      waiting.shift();
      state.textContent = "Em đang xem…";
      clearTimeout(answering);
      answering = setTimeout(() => { state.textContent = ""; }, 20000);
    } else {
      const told = await answer.json().catch(() => ({}));
      state.textContent = told.error || "Chưa gửi được, anh/chị thử lại nhé.";
      if (answer.status < 500) waiting.shift();
    }
  } catch (problem) {
    state.textContent = "Mạng đang chập chờn, tin sẽ tự gửi lại.";
  }
  sending = false;
  if (waiting.length) setTimeout(send, state.textContent.startsWith("Mạng") ? 3000 : 50);
}
const MOST = 10e6, files = document.getElementById("file");
function mark() { return crypto.randomUUID ? crypto.randomUUID() : Date.now() + "-" + Math.random().toString(36).slice(2, 12); }
function upload(file) {
  return new Promise((done) => {
    if (file.size > MOST) { state.textContent = "Ảnh lớn quá (em nhận đến 10 MB), anh/chị chọn ảnh nhỏ hơn giúp em."; done(); return; }
    const mine = line("in", "(ảnh)"), sent = new XMLHttpRequest();
    mine.classList.add("waiting");
    down();
    sent.open("POST", "/file?id=" + mark());
    sent.upload.onprogress = (event) => { if (event.lengthComputable) state.textContent = "Đang gửi ảnh… " + Math.round(100 * event.loaded / event.total) + "%"; };
    sent.onload = () => {
      if (sent.status === 202) { state.textContent = "Em đã nhận ảnh."; } else {
        let told = {};
        try { told = JSON.parse(sent.responseText); } catch (problem) { /* no words came with it */ }
        state.textContent = told.error || "Chưa gửi được ảnh, anh/chị thử lại nhé.";
        mine.remove();
      }
      done();
    };
    sent.onerror = () => { state.textContent = "Mạng đang chập chờn, anh/chị gửi lại ảnh giúp em."; mine.remove(); done(); };
    sent.send(file);
  });
}
files.addEventListener("change", async () => {
  hello.hidden = true;
  for (const file of [...files.files].slice(0, 10)) await upload(file);
  files.value = "";
});
function listen() {
  const stream = new EventSource("/stream?after=" + last);
  stream.onmessage = (event) => { last = Number(event.lastEventId); show(JSON.parse(event.data)); };
  stream.onopen = () => { if (state.textContent.startsWith("Mất")) state.textContent = ""; };
  stream.onerror = () => {
    state.textContent = "Mất kết nối, em đang nối lại…";
    if (stream.readyState === EventSource.CLOSED) setTimeout(listen, 3000);
  };
}
form.addEventListener("submit", (event) => { event.preventDefault(); say(box.value, false); box.value = ""; box.style.height = ""; box.focus(); });
box.addEventListener("keydown", (event) => { if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); form.requestSubmit(); } });
box.addEventListener("input", () => { box.style.height = ""; box.style.height = Math.min(box.scrollHeight + 2, 144) + "px"; });
window.addEventListener("online", send);
choices(STARTS, hello, false);
listen();
