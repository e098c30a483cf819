"use strict";

// Shows a page at a time, and filters the table of the contract. Which page, and how it is filtered, is in the part of the address behind `#`:
// `#contract?verdict=broken&patch=4`, so that it can be sent. Without this script everything is there, one below the other.
(() => {
  const root = document.documentElement;
  const pages = [...document.querySelectorAll(".page")];
  const form = document.querySelector(".filter");
  const count = form.querySelector(".count");
  const clauses = [...document.querySelectorAll(".matrix tbody")];
  const heading = document.title;
  const FIELDS = ["text", "verdict", "kind", "patch"];

  const address = () => {
    const [id, query = ""] = location.hash.slice(1).split("?", 2);
    return { id, filter: new URLSearchParams(query) };
  };

  const show = (place) => {
    const page = place?.closest(".page") ?? pages[0];
    const other = !page.classList.contains("shown");
    for (const each of pages) each.classList.toggle("shown", each === page);
    const title = page.querySelector("h2");
    document.title = page === pages[0] ? heading : `${title.textContent} · ${heading}`;
    for (const link of document.querySelectorAll(".top nav a")) {
      const here = link.hash === `#${page.id}`;
      if (here) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    return { page, title, other };
  };

  const follow = (first) => {
    const { id, filter } = address();
    const place = id ? document.getElementById(id) : null;
    const { page, title, other } = show(place);
    if (page === pages[0] && filter.size) fill(filter);
    if (place && place !== page) place.scrollIntoView();
    else if (other && !first) scrollTo(0, 0);
    // Who reads with the ears hears where the link has led to.
    if (!first && place) (place === page ? title : place).focus({ preventScroll: true });
  };

  const fill = (filter) => {
    for (const name of FIELDS) form.elements[name].value = filter.get(name) ?? "";
    apply();
  };

  const wanted = () => Object.fromEntries(FIELDS.map((name) => [name, form.elements[name].value.trim()]));

  const fits = (row, want) =>
    (!want.kind || row.dataset.kind === want.kind) &&
    (!want.verdict || row.dataset.verdict.split(",").includes(want.verdict)) &&
    (!want.patch || row.dataset.patch.split(",").includes(want.patch));

  const apply = () => {
    const want = wanted();
    const text = want.text.toLowerCase();
    let shownClauses = 0;
    let shownKinds = 0;
    let everyKind = 0;
    for (const clause of clauses) {
      const named = clause.dataset.text.toLowerCase().includes(text);
      let left = 0;
      for (const row of clause.querySelectorAll("[data-kind]")) {
        const stays = (named || row.dataset.kind.toLowerCase().includes(text)) && fits(row, want);
        row.classList.toggle("filtered", !stays);
        left += stays;
        everyKind += 1;
      }
      clause.classList.toggle("filtered", !left);
      shownClauses += left > 0;
      shownKinds += left;
    }
    count.textContent = `${shownClauses} of ${clauses.length} clauses, ${shownKinds} of ${everyKind} rows for their kinds`;
    // A row for a kind is what such a filter is about.
    open(Boolean(want.verdict || want.kind || want.patch));
  };

  const expand = (clause, opened) => {
    clause.classList.toggle("open", opened);
    clause.querySelector(".expand").setAttribute("aria-expanded", opened);
  };

  const open = (opened) => {
    for (const clause of clauses) expand(clause, opened);
    const all = form.querySelector(".expand-all");
    all.setAttribute("aria-expanded", opened);
    all.textContent = opened ? "Hide kinds" : "Show kinds";
  };

  const remember = () => {
    const filter = new URLSearchParams(Object.entries(wanted()).filter(([, value]) => value));
    history.replaceState(null, "", `#contract${filter.size ? `?${filter}` : ""}`);
    apply();
  };

  root.classList.add("js");
  form.addEventListener("input", remember);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(remember));
  form.querySelector(".expand-all").addEventListener("click", (event) => open(event.target.getAttribute("aria-expanded") !== "true"));
  for (const clause of clauses) {
    clause.querySelector(".expand").addEventListener("click", () => expand(clause, !clause.classList.contains("open")));
  }
  addEventListener("hashchange", () => follow(false));
  apply();
  follow(true);
})();
