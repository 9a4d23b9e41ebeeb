// Keeps the page fresh; everything on it can be read without this.
"use strict";

const minute = 60_000, hour = 60 * minute, day = 24 * hour;

function age(millis) {
  const ahead = millis < -minute;
  const m = Math.abs(millis);
  if (m < minute) return "just now";
  const span = m < hour ? `${Math.floor(m / minute)} min` : m < 2 * day ? `${Math.floor(m / hour)} h` : `${Math.floor(m / day)} d`;
  return ahead ? `in ${span}` : `${span} ago`;
}

/// The reader's clock against the daemon's, which is the one that the page goes by.
const skew = Date.now() - Date.parse(document.getElementById("now").dateTime);

function ages() {
  for (const time of document.querySelectorAll("time[data-age]")) {
    time.textContent = age(Date.now() - skew - Date.parse(time.dateTime));
  }
}

/// Nobody's reading or typing is interrupted: then a line says that there is something new.
function busy() {
  const main = document.getElementById("main");
  const active = document.activeElement;
  return (active && active !== main && main.contains(active)) || main.querySelector("details[open]") ||
    String(document.getSelection()).length > 0;
}

async function refresh() {
  const answer = await fetch(location.href, { headers: { accept: "text/html" } });
  if (!answer.ok || answer.redirected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("main");
  if (fresh) document.getElementById("main").replaceChildren(...fresh.childNodes);
  document.getElementById("live").hidden = true;
  ages();
}

let waiting = 0, timer = null;

function changed(count) {
  waiting += count;
  if (timer) return;
  timer = setTimeout(() => {
    timer = null;
    if (!busy()) {
      waiting = 0;
      refresh().catch(() => {});
      return;
    }
    const live = document.getElementById("live");
    const link = document.createElement("a");
    link.href = location.href;
    link.textContent = waiting === 1 ? "1 change since. Show it" : `${waiting} changes since. Show them`;
    live.replaceChildren(link);
    live.hidden = false;
  }, 1_500);
}

function listen() {
  const live = document.querySelector("[data-live]");
  if (!live || new URLSearchParams(location.search).has("after")) return;
  const own = document.querySelector("[data-episode]")?.dataset.episode;
  const events = new EventSource("/events");
  let lost = false;
  events.addEventListener("episode", (event) => {
    const note = JSON.parse(event.data);
    if (!own || own === note.episode_id) changed(1);
  });
  events.addEventListener("missed", (event) => changed(JSON.parse(event.data).missed));
  events.addEventListener("hello", () => { if (lost) changed(1); lost = false; });
  events.addEventListener("error", () => { lost = true; });
}

setInterval(ages, 30_000);
listen();
