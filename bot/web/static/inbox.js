// A volunteer's page. Progressive enhancement only: every card works as links and forms without this file.
"use strict";
(() => {
  const one = (s, r = document) => r.querySelector(s);
  const all = (s, r = document) => [...r.querySelectorAll(s)];
  const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
  const say = (text) => { const live = one("#live"); if (live) live.textContent = text; };

  // the day, replaced by the server's own page after an answer and when the volunteer comes back
  const put = (html, url) => {
    const fresh = new DOMParser().parseFromString(html, "text/html");
    const from = one("[data-inbox]", fresh), to = one("[data-inbox]");
    if (!from || !to) { location.assign(url); return false; }
    if (from.isEqualNode(to)) return false;
    to.replaceWith(document.adoptNode(from));
    document.title = fresh.title;
    return true;
  };
  const focusOn = (index) => {
    const next = all(".pull[href]")[index] || all(".pull[href]").pop() || one("[data-inbox] h1, [data-inbox] h2");
    if (!next) return;
    if (!next.matches("a")) next.tabIndex = -1;
    next.focus();
  };

  // a strip is pulled: the network opens by the link itself, we only note it
  document.addEventListener("click", (ev) => {
    const strip = ev.target.closest("[data-open]");
    if (!strip) return;
    navigator.sendBeacon(strip.dataset.open);
    const card = strip.closest("[data-card]");
    one(".notice", card).classList.add("is-opened");
    one("[data-opened]", card).hidden = false;
    all("[data-unopened]", card).forEach((el) => { el.hidden = true; });
    const n = all("[data-card] .notice.is-opened").length;
    const bar = one("[data-opened-bar]");
    if (bar && n > 1) {
      bar.hidden = false;
      one("[data-opened-text]", bar).textContent = bar.dataset.tpl.replace("%n", n);
    }
  });

  // an answer: send the form, let the strip come off, show what the server says
  document.addEventListener("submit", async (ev) => {
    const form = ev.target.closest("form[data-act]");
    if (!form || form.dataset.native) return;
    ev.preventDefault();
    const card = form.closest("[data-card]");
    const cards = all("[data-card]");
    const index = card ? cards.indexOf(card) : 0;
    const body = new URLSearchParams(new FormData(form, ev.submitter));
    all("button", form).forEach((b) => { b.disabled = true; });
    try {
      const answer = await fetch(form.action, { method: "POST", body });
      if (!answer.ok) throw new Error(String(answer.status));
      const html = await answer.text();
      const done = form.action.endsWith("/done");
      if (done) {
        (card ? [card] : all("[data-card]:has(.is-opened)")).forEach((el) => one(".notice", el).classList.add("leaving"));
        if (!calm()) await new Promise((go) => { setTimeout(go, 420); });
      }
      put(html, answer.url);
      focusOn(index);
      say(one("[data-inbox] .meter")?.getAttribute("aria-label") || "");
    } catch (e) {
      // the page itself tells what happened: an ordinary submission shows it
      all("button", form).forEach((b) => { b.disabled = false; });
      form.dataset.native = "1";
      form.requestSubmit(ev.submitter);
    }
  });

  // back from the network, and now and then: what happened meanwhile; never under the hands of a reader
  const refresh = async () => {
    const box = one("[data-inbox]");
    if (document.hidden || !box || one("details[open]", box)) return;
    const at = all("[data-card]").findIndex((card) => card.contains(document.activeElement));
    const before = all("[data-card]").length;
    const here = location.pathname + location.search;
    try {
      const answer = await fetch(here);
      if (!answer.ok || !put(await answer.text(), here)) return;
      if (at >= 0) focusOn(at);
      if (all("[data-card]").length > before) say(document.title);
    } catch (e) { /* offline: the page stays as it is */ }
  };
  document.addEventListener("visibilitychange", refresh);
  setInterval(() => { if (!one("[data-inbox] :focus")) refresh(); }, 20000);
  // something is being done right now: look every two seconds until it has ended
  setInterval(() => { if (one("[data-pending]")) refresh(); }, 2000);

  // back from a network's page of consent: the button presses itself, once
  one("form[data-finish]")?.requestSubmit();

  // copy the link
  all("[data-copy]").forEach((button) => {
    if (!navigator.clipboard) return;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(one(`#${button.dataset.copy}`).value);
      button.textContent = button.dataset.done;
      say(button.dataset.done);
    });
  });

  // the browser knows the time zone; a choice already made stays
  const zone = one("[data-guess-zone]");
  if (zone && zone.value === zone.dataset.guessZone && !one(".summary")) {
    zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone || zone.value;
  }
})();
