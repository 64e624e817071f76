"use strict";
// Serves the door page when there is no network. It keeps the page and its files, nothing of anybody.
const SHELL = {{ shell|tojson }};
const FILES = {{ files|safe }};
const CACHE = "nhipcau-door-{{ mark }}";
const PATIENCE = 4000; // milliseconds for a network that is there but does not answer

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(CACHE);
    await cache.addAll(FILES);
    const page = await fetch(SHELL, { credentials: "same-origin" });
    if (page.ok && !page.redirected) await cache.put(SHELL, page);
    await self.skipWaiting();
  })());
});
self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name.startsWith("nhipcau-door-") && name !== CACHE) await caches.delete(name);
    await self.clients.claim();
  })());
});
async function page(request) {
  const cache = await caches.open(CACHE), kept = await cache.match(SHELL);
  try {
    const answer = await fetch(request, kept ? { signal: AbortSignal.timeout(PATIENCE) } : {});
    if (answer.ok) await cache.put(SHELL, answer.clone());
    if (answer.ok || !kept) return answer;
    return answer.status === 403 || answer.status === 404 ? answer : kept; // signed out or in trouble: the door goes on
  } catch (problem) {
    return kept || Response.error();
  }
}
self.addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  if (event.request.method !== "GET" || address.origin !== self.location.origin) return;
  if (event.request.mode === "navigate") event.respondWith(page(event.request));
  else if (address.pathname.includes("/static/")) {
    event.respondWith(caches.match(event.request, { cacheName: CACHE }).then((kept) => kept || fetch(event.request)));
  }
});
