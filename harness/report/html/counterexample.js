
// Beside an execution stands the source of its selected row: a click, Enter, and the arrow keys select one. Sources are in the page once,
// as data, and are put into it only where somebody looks. Buttons copy what they name.
(() => {
  const PLACE = /^([^/\s]+):(\d+) \(/;
  const sources = JSON.parse(document.getElementById("sources").textContent);

  // In how many columns a line begins.
  const deep = (text) => [.../^[ \t]*/.exec(text)[0]].reduce((at, each) => each === "\t" ? at + 8 - at % 8 : at + 1, 0);

  const place = (row) => {
    const [, file, line] = PLACE.exec(row.querySelector(".p").textContent) ?? [];
    return { file, line: Number(line) };
  };

  class Example {
    constructor(element) {
      this.steps = element.querySelector(".steps");
      this.rows = [...this.steps.querySelectorAll(".r")];
      this.panel = element.querySelector(".source");
      this.at = this.panel.querySelector(".at");
      this.code = this.panel.querySelector(".code");
      this.keys = JSON.parse(element.dataset.sources);
      this.file = null;
      this.selected = null;
      // The row whose line this is may be out of sight.
      this.back = document.createElement("button");
      this.back.type = "button";
      this.back.addEventListener("click", () => this.selected.focus());
      for (const row of this.rows) row.tabIndex = -1;
      this.steps.addEventListener("click", (event) => {
        const row = event.target.closest(".r");
        if (row && !event.target.closest("a")) this.select(row);
      });
      this.steps.addEventListener("focusin", (event) => {
        if (event.target.matches(".r")) this.select(event.target);
      });
      this.steps.addEventListener("keydown", (event) => this.key(event));
      const begin = this.cause();
      if (begin) this.select(begin);
    }

    // The row with a star, if it has a line; if it has none, because a device comes in between, where that leads to.
    cause() {
      const rows = this.shown();
      const hasLine = (row) => this.keys[place(row).file];
      const star = rows.findIndex((row) => row.matches(".star"));
      return rows.find((row) => row.matches(".star") && hasLine(row)) ?? rows.find((row, at) => at > star && star >= 0 && hasLine(row)) ?? rows.findLast(hasLine) ?? rows[0];
    }

    // The source is as high as the part of the window that it has for itself; what is marked stays in sight.
    fit() {
      if (this.panel.hidden || !this.panel.checkVisibility()) return;
      const marked = this.code.querySelector(".here");
      const seen = marked && this.sees(marked);
      this.code.style.setProperty("--room", `${Math.floor(innerHeight - this.code.getBoundingClientRect().top - 12)}px`);
      if (seen && !this.sees(marked)) this.center(marked);
    }

    sees(line) {
      return line.offsetTop >= this.code.scrollTop && line.offsetTop + line.offsetHeight <= this.code.scrollTop + this.code.clientHeight;
    }

    center(line) {
      this.code.scrollTop = line.offsetTop - this.code.clientHeight / 3;
    }

    shown() {
      return this.rows.filter((row) => !row.closest("details:not([open])"));
    }

    key(event) {
      const row = event.target.closest(".r");
      if (!row || row !== event.target) return;
      const rows = this.shown();
      const at = rows.indexOf(row);
      const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1, Enter: at, " ": at }[event.key];
      if (next === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      (rows[next] ?? row).focus();
      this.select(rows[next] ?? row);
    }

    select(row) {
      if (row === this.selected) return;
      this.selected?.removeAttribute("aria-current");
      if (this.selected) this.selected.tabIndex = -1;
      this.selected = row;
      row.setAttribute("aria-current", "step");
      row.tabIndex = 0;
      this.relate(row);
      this.show(place(row), row.querySelector("b").textContent.replace("*", ""));
    }

    // The write that it has read from, or missed, and those who have read what it has written.
    relate(row) {
      for (const each of this.steps.querySelectorAll(".related")) each.classList.remove("related");
      for (const link of row.querySelectorAll("a")) document.getElementById(link.hash.slice(1))?.classList.add("related");
      if (!row.id) return;
      for (const each of this.rows) {
        if (each.querySelector("a")?.hash === `#${row.id}`) each.classList.add("related");
      }
    }

    show({ file, line }, number) {
      const lines = sources[this.keys[file]];
      this.panel.hidden = !Object.keys(this.keys).length;
      if (!lines) {
        this.at.textContent = file ? `${file}:${line} is neither the stage's nor the program's` : "The machine's own work";
        this.code.querySelector(".here")?.classList.remove("here");
        return;
      }
      this.at.replaceChildren(`${file}:${line}, `, this.back);
      this.back.textContent = `row ${number}`;
      if (file !== this.file) this.fill(file, lines);
      this.code.querySelector(".here")?.classList.remove("here");
      const here = this.code.children[line - 1];
      if (!here) return;
      here.classList.add("here");
      this.fit();
      this.center(here);
    }

    fill(file, lines) {
      this.file = file;
      const passed = new Set(this.rows.map(place).filter((each) => each.file === file).map((each) => each.line));
      this.code.replaceChildren(...lines.map((text, at) => {
        const line = document.createElement("div");
        line.textContent = text || " ";
        line.style.setProperty("--in", Math.min(deep(text), 24) + 2);
        line.classList.toggle("passed", passed.has(at + 1));
        return line;
      }));
    }
  }

  const examples = [];
  const fit = () => requestAnimationFrame(() => {
    for (const each of examples) each.fit();
  });
  for (const what of ["scroll", "resize"]) addEventListener(what, fit, { passive: true });
  document.addEventListener("toggle", fit, { capture: true });

  const looked = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      looked.unobserve(target);
      examples.push(new Example(target));
    }
  }, { rootMargin: "200px" });
  for (const each of document.querySelectorAll(".example")) looked.observe(each);
  // Who has the lanes need not see the same as text, but for who asks.
  for (const each of document.querySelectorAll(".as-text")) each.open = false;

  // A row that is folded is shown to who follows a link to it.
  const unfold = () => {
    const row = document.getElementById(location.hash.slice(1))?.closest(".r");
    if (!row) return;
    for (let at = row.closest("details"); at; at = at.parentElement.closest("details")) at.open = true;
    row.scrollIntoView({ block: "center" });
    row.tabIndex = 0;
    row.focus({ preventScroll: true });
  };
  addEventListener("hashchange", unfold);
  unfold();

  const copy = async (button) => {
    const what = document.getElementById(button.dataset.copies);
    const said = button.nextElementSibling;
    try {
      await navigator.clipboard.writeText(what.textContent);
      said.textContent = "Copied.";
    } catch {
      for (let at = what.closest("details"); at; at = at.parentElement.closest("details")) at.open = true;
      getSelection().selectAllChildren(what);
      said.textContent = "The browser does not allow it: the text is selected, to be copied by hand.";
    }
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button.copy");
    if (button) copy(button);
  });
})();
