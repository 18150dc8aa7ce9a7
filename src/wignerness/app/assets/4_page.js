"use strict";
/* What a person does: panels, choices, files, links, keys. */
(function (explorer) {
  const LARGEST_SPEC = 2 ** 20; // bytes, as in the library
  const { make, state, want } = explorer;
  const byId = (id) => document.getElementById(id);
  const STRENGTHS = { thermal: "occupation", coherent: "amplitude α", squeezed: "squeezing r" };

  explorer.select = function (id) {
    state.view.selected = id;
    if (id.startsWith("n")) state.view.mode = Number(id.slice(1));
    want({ commit: true });
  };

  /* Show what is chosen beside the panels, and the theme. */
  explorer.choices = function () {
    const { panel, start, strength, theme, follow, mode } = state.view;
    for (const tab of document.querySelectorAll("[role=tab]")) {
      const here = tab.dataset.panel === panel;
      tab.setAttribute("aria-selected", here);
      tab.tabIndex = here ? 0 : -1;
      if (here) byId("shown").setAttribute("aria-labelledby", tab.id);
    }
    byId("of-start").hidden = panel !== "relaxation";
    byId("of-mode").hidden = panel !== "wigner" && !(panel === "relaxation" && ["coherent", "squeezed"].includes(start));
    byId("choices").hidden = byId("of-start").hidden && byId("of-mode").hidden;
    byId("start").value = start;
    byId("mode").value = String(mode);
    const words = STRENGTHS[start];
    byId("strength-label").textContent = words || "";
    byId("strength-label").hidden = byId("strength-box").hidden = !words;
    byId("strength").value = String(strength);
    byId("follow").checked = follow;
    if (document.documentElement.dataset.theme !== theme) {
      document.documentElement.dataset.theme = theme;
      explorer.set("network", { stylesheet: JSON.parse(byId("looks").textContent)[theme] });
    }
  };

  function choose(changes, commit = true) {
    Object.assign(state.view, changes);
    explorer.choices();
    want({ commit });
  }

  explorer.copy = async function (text, done) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = make("textarea", { class: "unseen" });
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    explorer.say(done);
  };

  async function open(file) {
    if (file.size > LARGEST_SPEC) {
      explorer.message(`${file.name} has ${file.size} bytes, more than the ${LARGEST_SPEC} that a spec may have.`);
      return;
    }
    try {
      const text = new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
      want({ load: text, commit: true });
    } catch {
      explorer.message(`${file.name} is not UTF-8 text.`);
    }
  }

  function chooseFile() {
    const input = make("input", { type: "file", accept: ".toml,text/plain", id: "file" });
    input.addEventListener("change", () => input.files.length && open(input.files[0]));
    input.click();
  }

  function step(way) {
    want({ step: way, commit: true });
  }

  const PRESSED = {
    load: chooseFile,
    link: () => explorer.copy(location.href, "The link is copied."),
    undo: () => step("undo"),
    redo: () => step("redo"),
    theme: () => choose({ theme: state.view.theme === "dark" ? "light" : "dark" }),
    fit: () => explorer.fit(),
  };

  /* Cytoscape keeps its instance at the element that holds it. */
  explorer.drawn = function () {
    const holder = [byId("network"), ...byId("drawing").querySelectorAll("div")].find((e) => e && e._cyreg);
    return holder ? holder._cyreg.cy : null;
  };

  explorer.fit = function () {
    const drawn = explorer.drawn();
    if (drawn) drawn.fit(undefined, 34);
  };

  document.addEventListener("input", (event) => explorer.onInput(event));

  document.addEventListener("change", (event) => {
    const { target } = event;
    if (explorer.onChange(event)) return;
    if (target.id === "family" && target.value) {
      want({ family: target.value, commit: true });
      target.value = "";
    } else if (target.id === "element") {
      explorer.select(target.value);
    } else if (target.id === "mode") {
      choose({ mode: Number(target.value) });
    } else if (target.id === "start") {
      choose({ start: target.value });
    } else if (target.id === "follow") {
      choose({ follow: target.checked });
    } else if (target.id === "strength") {
      const number = Number(target.value.replace(",", "."));
      if (Number.isFinite(number)) choose({ strength: number });
      else target.value = String(state.view.strength);
    } else if (target.choice && target.choice.place) {
      state.view.settings[target.choice.place] = target.value;
      want({ commit: true });
    } else if (target.choice && target.value) {
      const { edit, name, integer } = target.choice;
      want({ edit: { ...edit, [name]: integer ? Number(target.value) : target.value }, commit: true });
    }
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    const menu = byId("save");
    if (menu && menu.open && !menu.contains(event.target)) menu.open = false;
    if (!button) return;
    if (button.edit) want({ edit: button.edit, commit: true });
    else if (button.dataset.panel) choose({ panel: button.dataset.panel });
    else if (button.dataset.save) {
      explorer.set("wish", { data: { kind: button.dataset.save, view: state.view, number: Date.now() } });
      menu.open = false;
    } else if (button.id in PRESSED) PRESSED[button.id]();
  });

  document.addEventListener("keydown", (event) => {
    const { target, key } = event;
    if (target.role === "tab" && ["ArrowRight", "ArrowLeft", "Home", "End"].includes(key)) {
      const tabs = [...document.querySelectorAll("[role=tab]")];
      const here = tabs.indexOf(target);
      const next = { ArrowRight: here + 1, ArrowLeft: here - 1 + tabs.length, Home: 0, End: tabs.length - 1 }[key];
      const tab = tabs[next % tabs.length];
      tab.focus();
      choose({ panel: tab.dataset.panel });
      event.preventDefault();
    } else if ((event.ctrlKey || event.metaKey) && key.toLowerCase() === "z" && target.type !== "text") {
      step(event.shiftKey ? "redo" : "undo");
      event.preventDefault();
    } else if (key === "Escape") {
      if (byId("save").open) byId("save").open = false;
      else if (state.view && state.view.selected) explorer.select("");
    }
  });

  document.addEventListener("mousemove", (event) => {
    const tip = byId("tip");
    if (!tip) return;
    explorer.leave(!event.target.closest("#drawing"));
    const left = Math.min(event.clientX + 14, window.innerWidth - 260);
    tip.style.left = `${left}px`;
    tip.style.top = `${event.clientY + 16}px`;
  });

  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files.length) open(event.dataTransfer.files[0]);
  });

  window.addEventListener("hashchange", () => {
    if (location.hash.length > 1) want({ link: location.hash.slice(1), commit: true });
  });

  /* Begin when Dash has drawn the page. */
  function begin() {
    if (!byId("groups") || !window.dash_clientside.set_props) return void setTimeout(begin, 20);
    byId("strength-box").append(make("input", { type: "text", inputmode: "decimal", id: "strength" }));
    const follow = make("input", { type: "checkbox", id: "follow" });
    byId("follow-box").append(follow, make("label", { for: "follow", text: "probes follow" }));
    byId("strength-label").setAttribute("for", "strength");
    const theme = window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    if (location.hash.length > 1) want({ link: location.hash.slice(1), commit: true });
    else want({ theme, commit: true });
    let waiting = null;
    new ResizeObserver(() => {
      clearTimeout(waiting);
      waiting = setTimeout(explorer.fit, 120);
    }).observe(byId("drawing"));
  }

  begin();
})(window.explorer);
