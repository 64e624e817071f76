"use strict";
// The door of an event on a phone: the list lies here, badges are checked here, notes wait here until there is a network.
const SCOPE = document.body.dataset.scope, ROOT = document.body.dataset.root;
const EVENT = decodeURIComponent(location.pathname.slice(SCOPE.length));
const BADGE = /^NCHT:(.+):(\d{1,12}):([A-Za-z0-9_-]{86})$/;
const DAY = 86400e3, EVERY = 20e3, PATIENCE = 15e3, SHOWN = 8;
const at = (id) => document.getElementById(id);
let held = null, notes = [], key = null, device = "", syncing = false, again = false, problem = "";

// --- what is kept on this phone --------------------------------------------------------------------------------
function opened() {
  return new Promise((done, fail) => {
    const asked = indexedDB.open("nhipcau-door", 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("events", { keyPath: "id" });
      asked.result.createObjectStore("notes", { keyPath: "mark" });
      asked.result.createObjectStore("own", { keyPath: "name" });
    };
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => fail(asked.error);
  });
}
let database = null;
async function kept(store, mode, act) {
  database = database || await opened();
  return new Promise((done, fail) => {
    const work = database.transaction(store, mode), asked = act(work.objectStore(store));
    work.oncomplete = () => done(asked.result);
    work.onerror = work.onabort = () => fail(work.error);
  });
}
const all = (store) => kept(store, "readonly", (rows) => rows.getAll());
const put = (store, row) => kept(store, "readwrite", (rows) => rows.put(row));
const drop = (store, id) => kept(store, "readwrite", (rows) => rows.delete(id));
function mark() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// --- words -----------------------------------------------------------------------------------------------------
const fold = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/[đĐ]/g, "d").toLowerCase().replace(/\s+/g, " ").trim();
const clock = (time) => new Date(time).toLocaleTimeString("vi-VN", { hour: "2-digit", minute: "2-digit", timeZone: "Asia/Ho_Chi_Minh" });
const people = (heads) => (heads > 1 ? ", " + heads + " người" : "");
const called = (guest) => guest.name || "Khách số " + guest.number;
function say(tone, text, offer) {
  const place = at("verdict");
  place.className = "verdict " + tone;
  place.textContent = text;
  if (offer) place.append(button(offer.label, offer.act));
  place.hidden = false;
  if (navigator.vibrate) navigator.vibrate(tone === "green" ? 60 : [80, 60, 80]);
}
function button(label, act, about) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "button quiet";
  made.textContent = label;
  if (about) made.setAttribute("aria-label", label + ": " + about);
  made.addEventListener("click", act);
  return made;
}
function entry(title, line, side) {
  const made = document.createElement("li"), head = document.createElement("span"), words = document.createElement("span");
  made.className = "entry";
  head.className = "title";
  head.textContent = title;
  words.className = "line";
  words.textContent = line;
  made.append(head, side || "", words);
  return made;
}

// --- who is there ----------------------------------------------------------------------------------------------
const mine = () => notes.filter((note) => note.event === EVENT);
function cameAt(guest) {
  const times = mine().filter((note) => guest.number !== null && note.number === guest.number).map((note) => note.at);
  if (guest.came !== null) times.push(guest.came);
  return times.length ? Math.min(...times) : null;
}
function figures() {
  const known = held.guests.filter((guest) => guest.number !== null), walked = held.guests.filter((guest) => guest.number === null);
  const sum = (rows) => rows.reduce((total, row) => total + Math.max(row.heads, 1), 0);
  const strange = mine().filter((note) => note.number === null || !known.some((guest) => guest.number === note.number));
  at("came").textContent = sum(known.filter((guest) => cameAt(guest) !== null)) + sum(walked) + sum(strange);
  at("expected").textContent = known.reduce((total, guest) => total + guest.heads, 0);
}
async function note(how, number, name, more) {
  const made = { mark: mark(), event: EVENT, at: Date.now(), how, number, name, heads: 1, ...more };
  await put("notes", made); // kept before anybody is told
  notes.push(made);
  draw();
  sync();
}
async function admit(number, how, sure) {
  const guest = held.guests.find((one) => one.number === number);
  const before = guest ? cameAt(guest) : (mine().find((one) => one.number === number) || {}).at;
  at("found").hidden = true;
  at("query").value = "";
  if (before) return say("amber", (guest ? called(guest) : "Khách này") + " đã vào lúc " + clock(before) + ".");
  if (guest && !guest.heads && !sure) {
    const why = guest.state === "cancelled" ? "đã huỷ đăng ký" : guest.waiting ? "đang trong danh sách chờ" : "không giữ chỗ";
    return say("amber", called(guest) + " " + why + ". ", { label: "Vẫn cho vào", act: () => admit(number, how, true) });
  }
  await note(how, number, guest ? guest.name : "", { heads: guest ? Math.max(guest.heads, 1) : 1 });
  say("green", guest ? "Mời vào: " + called(guest) + people(guest.heads) + "." : "Vé đúng, khách mới đăng ký. Mời vào.");
}

// --- badges ----------------------------------------------------------------------------------------------------
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
async function genuine(event, number, signature) {
  const way = { name: "ECDSA", namedCurve: "P-256" };
  key = key || await crypto.subtle.importKey("jwk", held.key, way, false, ["verify"]);
  const signed = new TextEncoder().encode(event + "\n" + number);
  return crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, bytes(signature), signed);
}
async function read(text) {
  at("query").value = "";
  const shown = BADGE.exec(text.trim());
  if (!shown) return say("red", "Mã này không phải vé của Sở.");
  if (!crypto.subtle) return say("amber", "Trang mở không mã hoá nên không soát được QR: gõ mã 6 số của khách.");
  const [, event, number, signature] = shown;
  if (!(await genuine(event, number, signature))) return say("red", "Vé sai chữ ký: không phải vé Sở phát, hoặc đã bị sửa.");
  if (event !== EVENT) return say("red", "Vé của sự kiện khác, không phải sự kiện này.");
  return admit(Number(number), "qr");
}
async function eyes() { // the browser's own where it has some (Android), else ours (iPhone, others)
  const own = window.BarcodeDetector, reads = own ? await own.getSupportedFormats().catch(() => []) : [];
  const Eye = reads.includes("qr_code") ? own : (await import(document.body.dataset.eye)).BarcodeDetector;
  return new Eye({ formats: ["qr_code"] });
}
async function scan() {
  const camera = at("camera");
  if (camera.srcObject) return stopScan();
  let eye;
  try {
    eye = await eyes();
    camera.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } } });
  } catch (refused) {
    return say("amber", "Chưa mở được máy ảnh: cho phép dùng máy ảnh, hoặc gõ mã 6 số.");
  }
  camera.hidden = false;
  at("scan").textContent = "Dừng quét";
  await camera.play();
  let last = "", until = 0;
  while (camera.srcObject) {
    const [seen] = await eye.detect(camera).catch(() => []);
    if (seen && (seen.rawValue !== last || Date.now() > until)) {
      last = seen.rawValue;
      await read(last);
    }
    if (seen) until = Date.now() + 3000; // the same badge still before the camera is not read again
    await new Promise((done) => setTimeout(done, 200));
  }
}
function stopScan() {
  const camera = at("camera");
  if (camera.srcObject) for (const track of camera.srcObject.getTracks()) track.stop();
  camera.srcObject = null;
  camera.hidden = true;
  at("scan").textContent = "Quét mã QR";
}

// --- looking for somebody --------------------------------------------------------------------------------------
function matches(query) {
  const digits = query.replace(/[\s.-]/g, ""), known = held.guests.filter((guest) => guest.number !== null);
  if (/^\d{6}$/.test(digits)) return known.filter((guest) => guest.code === digits);
  if (/^\d{3}$/.test(digits)) return known.filter((guest) => guest.last3 === digits);
  if (/^\d*$/.test(digits)) return [];
  const words = fold(query).split(" ");
  return known.filter((guest) => words.every((word) => fold(guest.name).includes(word)));
}
function look(sent) {
  const query = at("query").value, list = at("found"), digits = query.replace(/[\s.-]/g, "");
  list.replaceChildren();
  list.hidden = true;
  if (query.startsWith("NCHT:")) return sent || BADGE.test(query.trim()) ? read(query) : undefined;
  const found = matches(query);
  if (/^\d{6}$/.test(digits)) {
    if (found.length) return admit(found[0].number, "code");
    at("query").select();
    return say("red", "Không có mã " + digits + " ở sự kiện này. Tìm theo tên giúp khách nhé.");
  }
  if (sent && query.trim() && !found.length) say("red", "Không thấy ai như vậy. Ghi ở mục Khách chưa đăng ký nhé.");
  for (const guest of found.slice(0, SHOWN)) {
    const came = cameAt(guest), line = (guest.last3 ? "…" + guest.last3 + " · " : "") + (came ? "đã vào " + clock(came) : guest.heads ? guest.heads + " chỗ" : "không giữ chỗ");
    list.append(entry(called(guest), line, button("Cho vào", () => admit(guest.number, "name"), called(guest))));
  }
  list.hidden = !found.length;
}
async function walkIn(event) {
  event.preventDefault();
  const name = at("name").value.trim(), heads = Math.min(Math.max(Number(at("heads").value) || 1, 1), 20);
  if (!name) return;
  await note("walk_in", null, name, { phone: at("phone").value.trim(), heads });
  at("walk-in").reset();
  at("walk").open = false;
  say("green", "Mời vào: " + name + people(heads) + ".");
}

// --- showing ---------------------------------------------------------------------------------------------------
function draw() {
  const waiting = notes.length, place = at("network");
  const sent = waiting ? waiting + " lượt chờ gửi" : "đã gửi đủ";
  place.className = "network " + (problem ? "amber" : "green");
  place.textContent = (problem || "Có mạng") + " · " + sent + (held && held.fetched ? " · danh sách lúc " + clock(held.fetched) : "");
  if (problem.startsWith("Hết phiên")) {
    const link = document.createElement("a");
    link.href = ROOT + "/dang-nhap?ve=" + encodeURIComponent(location.pathname);
    link.textContent = "Đăng nhập lại";
    place.append(" ", link);
  }
  if (!held) return;
  at("title").textContent = held.event.title;
  at("when").textContent = [held.event.when, held.event.place].filter(Boolean).join(" · ");
  figures();
  const own = mine().map((one) => ({ name: one.name || "Khách số " + one.number, at: one.at, heads: one.heads, note: one }));
  const others = held.guests.filter((guest) => guest.came !== null && !mine().some((one) => guest.number !== null && one.number === guest.number));
  const rows = own.concat(others.map((guest) => ({ name: called(guest), at: guest.came, heads: guest.heads }))).sort((a, b) => b.at - a.at);
  at("log").replaceChildren(...rows.slice(0, SHOWN).map((row) => {
    const side = row.note ? button("Ghi nhầm", () => undo(row.note), row.name) : "";
    return entry(row.name + people(row.heads), "vào " + clock(row.at) + (row.note ? " · chờ gửi" : ""), side);
  }));
  at("log").hidden = !rows.length;
  at("nobody").hidden = !!rows.length;
}
async function undo(one) {
  if (syncing) return;
  await drop("notes", one.mark);
  notes = notes.filter((other) => other.mark !== one.mark);
  at("verdict").hidden = true;
  draw();
}

// --- with the office -------------------------------------------------------------------------------------------
class Away extends Error {}
async function ask(path, more) {
  let answer;
  try {
    answer = await fetch(SCOPE + path, { credentials: "same-origin", redirect: "manual", signal: AbortSignal.timeout(PATIENCE), ...more });
  } catch (none) {
    throw new Away("Mất mạng, vẫn soát được");
  }
  if (answer.type === "opaqueredirect" || answer.status === 401) throw new Away("Hết phiên đăng nhập, vẫn soát được");
  if (answer.status === 403) throw new Away("Tài khoản này không được đón khách");
  if (answer.status === 404) throw new Away("Máy chủ không thấy sự kiện này");
  if (!answer.ok) throw new Away("Máy chủ đang bận, vẫn soát được");
  return answer.json();
}
async function bring(id) {
  const list = await ask("su-kien/" + encodeURIComponent(id)), waiting = notes.filter((one) => one.event === id);
  if (!waiting.length) return list;
  const form = new FormData();
  form.set("token", list.token);
  form.set("device", device);
  form.set("clock", Date.now());
  form.set("items", JSON.stringify(waiting.slice(0, 500)));
  const told = await ask("su-kien/" + encodeURIComponent(id), { method: "POST", body: form });
  for (const one of waiting) {
    const became = told.became[one.mark];
    if (!became) continue;
    await drop("notes", one.mark);
    notes = notes.filter((other) => other.mark !== one.mark);
    if (became === "unknown") say("red", (one.name || "Khách số " + one.number) + " không có trong danh sách của Sở, chưa ghi được.");
  }
  return told;
}
async function sync() {
  if (syncing) { again = true; return; }
  syncing = true;
  try {
    for (const id of new Set([EVENT, ...notes.map((one) => one.event)].filter(Boolean))) {
      const told = await bring(id), row = { id, event: told.event, key: told.key, guests: told.guests, fetched: Date.now() };
      await put("events", row);
      if (id === EVENT) { if (held && held.key.x !== row.key.x) key = null; held = row; }
    }
    if (!EVENT) list(await ask("su-kien"));
    problem = "";
  } catch (trouble) {
    problem = trouble instanceof Away ? trouble.message : "Máy này không ghi được, tải lại trang giúp em";
  }
  syncing = false;
  draw();
  if (EVENT) at("door").hidden = !held;
  if (again) { again = false; sync(); }
}
function list(events) {
  const place = at("events");
  place.replaceChildren(...events.map((one) => {
    const made = entry("", [one.when, one.place].filter(Boolean).join(" · ")), link = document.createElement("a");
    link.href = SCOPE + encodeURIComponent(one.id);
    link.textContent = one.title;
    made.firstChild.append(link);
    return made;
  }));
  if (!events.length) place.append(entry("Chưa có sự kiện nào sắp mở cửa", "Sự kiện đã công bố sẽ hiện ở đây."));
  place.hidden = false;
}
async function forget() {
  if (mine().length) return say("amber", "Còn lượt chưa gửi, chưa xoá được. Có mạng máy sẽ tự gửi.");
  await drop("events", EVENT);
  location.assign(SCOPE);
}
async function tidy(events) {
  for (const row of events) {
    if (row.id !== EVENT && row.event.over + 2 * DAY < Date.now() && !notes.some((one) => one.event === row.id)) await drop("events", row.id);
  }
}

async function begin() {
  if ("serviceWorker" in navigator) navigator.serviceWorker.register(SCOPE + "sw.js").catch(() => undefined);
  if (navigator.storage && navigator.storage.persist) navigator.storage.persist();
  const own = await kept("own", "readonly", (rows) => rows.get("device"));
  device = own ? own.value : mark();
  if (!own) await put("own", { name: "device", value: device });
  notes = await all("notes");
  const events = await all("events");
  held = events.find((row) => row.id === EVENT) || null;
  at("door").hidden = !held;
  if (!EVENT && events.length) list(events.map((row) => row.event));
  const sees = !!navigator.mediaDevices; // browsers show a camera to secure pages only
  at("scan-row").hidden = !sees;
  at("no-scan").hidden = sees;
  draw();
  await sync();
  await tidy(events);
  setInterval(sync, EVERY);
}
at("ask").addEventListener("submit", (event) => { event.preventDefault(); look(true); });
at("query").addEventListener("input", () => look(false));
at("walk-in").addEventListener("submit", walkIn);
at("scan").addEventListener("click", scan);
at("forget").addEventListener("click", forget);
window.addEventListener("online", sync);
document.addEventListener("visibilitychange", () => { if (document.hidden) stopScan(); else sync(); });
begin();
