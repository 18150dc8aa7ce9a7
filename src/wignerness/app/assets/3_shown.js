"use strict";
/* What an answer shows: drawing, totals, panel, messages. */
(function (explorer) {
  const { make, state } = explorer;
  const byId = (id) => document.getElementById(id);
  const keep = () => window.dash_clientside.no_update;
  const seen = new WeakSet(); // answers: Dash may call for one when another has come
  let topology = "";
  let pointed = null; // the element under the pointer
  let away = false; // whether the pointer has left the drawing
  let asked = 0;

  explorer.message = function (text, places = {}) {
    const place = byId("message");
    place.hidden = !text;
    place.classList.remove("calm");
    place.textContent = text || "";
    explorer.faults(places);
  };

  explorer.say = function (text) {
    byId("said").textContent = text;
  };

  /* A name with what stands below its line: Π_r. */
  function symbol(name) {
    const [head, below] = name.split("_");
    return make("dfn", { text: head }, below && make("sub", { text: below }));
  }

  function totals(numbers) {
    byId("numbers").replaceChildren(
      ...numbers.map(({ name, value, text, unit, title }) =>
        make(
          "div",
          { class: "number", "data-name": name, title },
          symbol(name),
          make("data", { value: value === null ? "" : value, text }),
          unit && make("span", { class: "unit", text: unit }),
        ),
      ),
    );
  }

  const cell = (value) => (typeof value === "number" ? String(Number(value.toPrecision(8))) : value === null ? "–" : value);

  function table({ title, head, rows, more }) {
    const line = (tag, values) =>
      make("tr", {}, ...values.map((v) => make(tag, { text: cell(v), class: typeof v === "number" ? "value" : "" })));
    return make(
      "section",
      {},
      make("h2", { text: title }),
      make("table", { "data-title": title }, make("thead", {}, line("th", head)), make("tbody", {}, ...rows.map((r) => line("td", r)))),
      more && make("p", { text: more }),
    );
  }

  function text({ title, text: content }) {
    const button = make("button", { type: "button", text: "Copy" });
    button.addEventListener("click", () => explorer.copy(content, `Copied: ${title}`));
    return make("section", {}, make("h2", { text: title }, button), make("pre", { tabindex: 0, "data-title": title, text: content }));
  }

  function panel(shown) {
    const [figure, tables, instead] = [byId("figure"), byId("tables"), byId("instead")];
    byId("shown").classList.toggle("old", Boolean(shown.waits));
    if (shown.waits) return keep();
    figure.hidden = !shown.figure;
    tables.hidden = !(shown.tables || shown.texts);
    instead.hidden = !shown.message;
    instead.textContent = shown.message || "";
    if (shown.tables) {
      tables.replaceChildren(...shown.tables.map(table), ...shown.remarks.map((line) => make("p", { text: line })));
    } else if (shown.texts) {
      tables.replaceChildren(...shown.texts.map(text));
    }
    return shown.figure ? fitted(shown.figure) : keep();
  }

  /* On a narrow page fields stand above each other, and the legend below them, where it meets no note. */
  function fitted(figure) {
    const isNarrow = window.matchMedia("(max-width: 900px)").matches;
    const count = Object.keys(figure.layout).filter((name) => name.startsWith("xaxis")).length;
    byId("shown").style.height = isNarrow && count > 1 ? `${120 + 290 * count}px` : "";
    if (!isNarrow) return figure;
    const gap = 0.34 / count;
    const each = (1 - gap * (count - 1)) / count;
    const legend = { ...figure.layout.legend, yref: "container", y: 0.01, yanchor: "bottom" };
    const layout = { ...figure.layout, legend, margin: { ...figure.layout.margin, b: 114 } };
    if (count === 1) return { ...figure, layout };
    for (let k = 0; k < count; k += 1) {
      const top = 1 - k * (each + gap);
      const number = k ? String(k + 1) : "";
      layout[`xaxis${number}`] = { ...layout[`xaxis${number}`], domain: [0, 1] };
      layout[`yaxis${number}`] = { ...layout[`yaxis${number}`], domain: [Math.max(top - each, 0), top] };
    }
    const data = figure.data.map((trace) =>
      trace.colorbar ? { ...trace, colorbar: { ...trace.colorbar, x: 1.01, y: 1 - each / 2, len: each } } : trace,
    );
    return { ...figure, data, layout };
  }

  /* Tell the numbers of what the pointer is at, or nothing. */
  explorer.point = function (data) {
    const tip = byId("tip");
    pointed = data && data.tip ? data.id : null;
    tip.hidden = away || !pointed;
    if (pointed) tip.replaceChildren(...data.tip.map((line) => make("div", { text: line })));
  };

  /* Cytoscape does not see the pointer leave the drawing, nor enter again where it was. */
  explorer.leave = function (isAway) {
    away = isAway;
    byId("tip").hidden = away || !pointed;
  };

  function drawing(network) {
    byId("low").textContent = network.low;
    byId("high").textContent = network.high;
    byId("undrawn").textContent = network.text || "";
    byId("stage").classList.toggle("beside", Boolean(network.beside));
    const chosen = state.view.selected;
    explorer.point(network.elements.find((element) => element.data.id === pointed)?.data);
    for (const element of network.elements) {
      if (element.data.id.split("-")[0] === chosen) element.classes += " chosen";
    }
    const now = network.elements.map((e) => `${e.data.id}@${e.position ? [e.position.x, e.position.y] : ""}`).join(";");
    if (now === topology) return [network.elements, keep()];
    topology = now;
    asked += 1;
    return [network.elements, { name: "preset", fit: true, padding: 34, asked }];
  }

  function options(select, listed, value) {
    const now = JSON.stringify(listed);
    if (select.listed !== now) {
      select.listed = now;
      select.replaceChildren(...listed.map(([v, label]) => make("option", { value: v, text: label })));
    }
    select.value = value;
  }

  function committed(answer) {
    byId("title").textContent = answer.title;
    document.title = `${answer.title} – wignerness`;
    explorer.fields(answer.groups);
    options(byId("element"), [["", "click one, or choose"], ...answer.elements], state.view.selected);
    options(byId("mode"), answer.nodes.map((label, k) => [String(k), label]), String(state.view.mode));
    byId("start").querySelector("option[value=spec]").hidden = !answer.has_plan;
    explorer.choices();
    byId("undo").disabled = !state.past.length;
    byId("redo").disabled = !state.future.length;
  }

  function progress(answer) {
    const told = answer.progress || {};
    const parts = [`${answer.nodes} nodes${told.expected ? `, ${told.expected}` : ""}: working`];
    if (told.seconds !== undefined) parts.push(`for ${told.seconds.toFixed(0)} s`);
    if (told.label) parts.push(`(${told.label} ${told.done} of ${told.total})`);
    const place = byId("message");
    place.classList.add("calm");
    if (!place.querySelector("progress")) {
      const button = make("button", { type: "button", text: "Stop" });
      button.addEventListener("click", explorer.stop);
      place.replaceChildren(make("progress"), make("span"), button);
    }
    const bar = place.querySelector("progress");
    if (told.total > 1) {
      bar.max = told.total;
      bar.value = told.done;
    } else {
      bar.removeAttribute("value");
    }
    place.querySelector("span").textContent = parts.join(" ");
    place.hidden = false;
  }

  const nothing = () => [keep(), keep(), keep(), keep(), keep()];

  /* Show one answer. */
  function one(answer) {
    if (answer.id === null) {
      explorer.message(answer.error ? answer.error.message : "");
      if (answer.said) explorer.say(answer.said);
      return nothing();
    }
    if (!explorer.receive(answer)) return nothing();
    if (answer.job) {
      progress(answer);
      return [keep(), keep(), keep(), false, { name: answer.job, id: answer.id, nodes: answer.nodes }];
    }
    if (answer.stopped) {
      explorer.message("Stopped. The picture is that of the last values that were solved.");
      byId("message").classList.add("calm");
      return [keep(), keep(), keep(), true, null];
    }
    if (answer.view) committed(answer);
    explorer.message(answer.error ? answer.error.message : "", answer.error ? answer.error.places : {});
    if (!answer.network) return [keep(), keep(), keep(), true, null];
    totals(answer.numbers);
    const [elements, layout] = drawing(answer.network);
    return [elements, layout, panel(answer.panel), true, null];
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.explorer = {
    /* Distribute what has come: elements and layout of the drawing, figure, whether the clock rests, the job. */
    shown(...answers) {
      let all = nothing();
      for (const answer of answers) {
        if (!answer || seen.has(answer)) continue;
        seen.add(answer);
        const now = one(answer);
        all = all.map((old, k) => (now[k] === keep() ? old : now[k]));
      }
      return all;
    },
    tapped(node, edge) {
      const { triggered } = window.dash_clientside.callback_context;
      const tapped = triggered.some((t) => t.prop_id.endsWith("tapEdge")) ? edge : node;
      if (tapped && tapped.data && !tapped.data.id.startsWith("t")) explorer.select(tapped.data.id.split("-")[0]);
      return keep();
    },

    hovered(node, edge) {
      const { triggered } = window.dash_clientside.callback_context;
      explorer.point(triggered.some((t) => t.prop_id.endsWith("EdgeData")) ? edge : node);
      return keep();
    },
  };
})(window.explorer);
