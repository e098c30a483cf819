"use strict";

// Shows a page at a time, and filters the table of the contract. Which page, and how it is filtered, is in the part of the address behind `#`:
// `#contract?verdict=broken&patch=4`, so that it can be sent. Without this script everything is there, one below the other.
(() => {
  const pages = [...document.querySelectorAll(".page")];
  const links = [...document.querySelectorAll(".pages a")];
  const form = document.querySelector(".filter");
  const count = form.querySelector(".count");
  const all = form.querySelector(".expand-all");
  const clauses = [...document.querySelectorAll(".matrix tbody")];
  const matrix = document.querySelector(".matrix");
  const lost = document.querySelector(".lost");
  const heading = document.title;
  const CONTRACT = "#contract";
  const FIELDS = ["text", "verdict", "kind", "patch"];
  // A row for a kind is what these are about.
  const OF_KINDS = ["verdict", "kind", "patch"];
  let kindsAsked = false;
  let patchAsked = "";

  const address = () => {
    const [id, query = ""] = location.hash.slice(1).split("?", 2);
    return { id, place: id ? document.getElementById(id) : null, filter: new URLSearchParams(query) };
  };

  // What the address asks for and this report has not, in one sentence; nothing if it has everything.
  const missing = (id, place, filter) => {
    if (id && !place) return `This report has no place “${id}”.`;
    for (const [name, value] of place === pages[0] || place?.id === CONTRACT.slice(1) ? filter : []) {
      if (!FIELDS.includes(name)) return `The table cannot be filtered by “${name}”.`;
      const options = [...form.elements[name].options ?? []];
      if (!value || !options.length || options.some((option) => option.value === value)) continue;
      if (name === "patch" && document.getElementById(`patch-${value}`)) return `This report says of no clause that patch ${value} breaks it: the table is not filtered by it.`;
      return `This report has no ${name} “${value}”: the table is not filtered by it.`;
    }
    return "";
  };

  const complain = (sentence) => {
    lost.textContent = sentence;
    if (!sentence) return;
    const start = document.createElement("a");
    start.href = `#${pages[0].id}`;
    start.textContent = "To the start";
    lost.append(" ", start);
  };

  // The line of pages is scrolled so that this one is in sight.
  const middle = (link) => {
    const line = link.closest("ul");
    line.scrollLeft = link.offsetLeft - (line.clientWidth - link.offsetWidth) / 2;
  };

  const show = (page, place) => {
    const changed = !page.classList.contains("shown");
    for (const each of pages) each.classList.toggle("shown", each === page);
    document.title = page === pages[0] ? heading : `${page.querySelector("h2").textContent} · ${heading}`;
    const section = links.find((link) => place && link.hash.split("?")[0] === `#${place.id}`);
    const whole = page.classList.contains("failure") ? "#counterexamples" : `#${page.id}`;
    const current = section ?? links.find((link) => link.hash === whole);
    for (const link of links) {
      if (link !== current) {
        link.removeAttribute("aria-current");
        continue;
      }
      link.setAttribute("aria-current", place && place !== page ? "location" : "page");
    }
    requestAnimationFrame(() => middle(current));
    return changed;
  };

  const follow = (first) => {
    const { id, place, filter } = address();
    document.querySelector(":popover-open")?.hidePopover();
    // What is in no page, such as where the link to skip the navigation leads to, changes none.
    if (place && !place.closest(".page") && !first) return;
    const page = place?.closest(".page") ?? pages[0];
    const changed = show(page, place);
    if (page === pages[0]) fill(filter);
    const sentence = missing(id, place, filter);
    complain(sentence);
    if (sentence) scrollTo(0, 0);
    else if (place && place !== page) place.scrollIntoView();
    else if (changed && !first) scrollTo(0, 0);
    // Who reads with the ears hears where the link has led to.
    if (!first && place) (place === page ? page.querySelector("h2") : place).focus({ preventScroll: true });
  };

  const fill = (filter) => {
    for (const name of FIELDS) {
      const field = form.elements[name];
      field.value = filter.get(name) ?? "";
      // There may be no such choice in this report.
      if (field.selectedIndex === -1) field.value = "";
    }
    apply();
  };

  const wanted = () => Object.fromEntries(FIELDS.map((name) => [name, form.elements[name].value.trim()]));

  const written = () => {
    const filter = String(new URLSearchParams(Object.entries(wanted()).filter(([, value]) => value)));
    return filter ? `${CONTRACT}?${filter}` : CONTRACT;
  };

  const fits = (row, want) =>
    (!want.kind || row.dataset.kind === want.kind) &&
    (!want.verdict || row.dataset.verdict.split(",").includes(want.verdict)) &&
    (!want.patch || row.dataset.patch.split(",").includes(want.patch));

  const apply = () => {
    const want = wanted();
    const text = want.text.toLowerCase();
    const left = { clauses: 0, kinds: 0 };
    let every = 0;
    for (const clause of clauses) {
      const named = clause.dataset.text.toLowerCase().includes(text);
      const rows = [...clause.querySelectorAll("[data-kind]")];
      const kept = rows.filter((row) => (named || row.dataset.kind.toLowerCase().includes(text)) && fits(row, want));
      for (const row of rows) row.classList.toggle("filtered", !kept.includes(row));
      clause.classList.toggle("filtered", !kept.length);
      left.clauses += kept.length > 0;
      left.kinds += kept.length;
      every += rows.length;
    }
    count.textContent = `${left.clauses} of ${clauses.length} clauses, ${left.kinds} of ${every} rows for their kinds`;
    for (const link of links) if (link.hash.startsWith(CONTRACT)) link.href = written();
    const asked = OF_KINDS.some((name) => want[name]);
    if (asked !== kindsAsked) expandAll(asked);
    kindsAsked = asked;
    if (want.patch !== patchAsked) reveal(want.patch);
    patchAsked = want.patch;
  };

  // The column of a patch is in sight, to the right of the stage before it; that of none is where it was.
  const reveal = (patch) => {
    const heads = [...matrix.tHead.rows[0].cells];
    for (const head of heads) head.classList.toggle("wanted", Boolean(patch) && head.dataset.stage === patch);
    const head = heads.find((each) => each.matches(".wanted"));
    const box = matrix.closest(".wide");
    const before = head?.previousElementSibling;
    const room = box.clientWidth - heads[0].offsetWidth;
    const first = head && head.offsetLeft + head.offsetWidth - before.offsetLeft > room ? head : before;
    box.scrollLeft = first ? first.offsetLeft - heads[0].offsetWidth : 0;
  };

  const expand = (clause, opened) => {
    clause.classList.toggle("open", opened);
    clause.querySelector(".expand").setAttribute("aria-expanded", opened);
  };

  const expandAll = (opened) => {
    for (const clause of clauses) expand(clause, opened);
    all.setAttribute("aria-expanded", opened);
    all.textContent = opened ? "Hide kinds" : "Show kinds";
  };

  const remember = () => {
    history.replaceState(null, "", written());
    complain("");
    apply();
  };

  // What is folded is printed all the same.
  const unfold = () => {
    const folded = [...document.querySelectorAll("details:not([open])")];
    for (const each of folded) each.open = true;
    const fold = () => {
      for (const each of folded) each.open = false;
    };
    addEventListener("afterprint", fold, { once: true });
  };

  document.documentElement.classList.add("js");
  form.addEventListener("input", remember);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(remember));
  all.addEventListener("click", () => expandAll(all.getAttribute("aria-expanded") !== "true"));
  for (const clause of clauses) {
    clause.querySelector(".expand").addEventListener("click", () => expand(clause, !clause.classList.contains("open")));
  }
  addEventListener("hashchange", () => follow(false));
  addEventListener("beforeprint", unfold);
  follow(true);
})();
