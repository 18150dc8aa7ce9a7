"use strict";
/* The fields of the sidebar, built from the server's description: a box for the number, and a slider. */
(function (explorer) {
  const STEPS = 400; // of a logarithmic slider; the leftmost is zero
  let ranges = {}; // of sliders, by place: they stay where they are while the value lies inside
  let model = ""; // places of the model for which they were made
  let drawn = ""; // structure of what is there

  const make = (tag, properties = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
      if (name === "text") element.textContent = value;
      else if (value === true) element.setAttribute(name, "");
      else if (value !== false && value !== undefined && value !== null) element.setAttribute(name, value);
    }
    element.append(...children.filter(Boolean));
    return element;
  };

  const shown = (value) => (typeof value === "number" ? String(Number(value.toPrecision(8))) : String(value));

  function position(field, value) {
    if (field.scale !== "log") return value;
    if (!(value > 0)) return 0;
    const share = Math.log(value / field.min) / Math.log(field.max / field.min);
    return Math.round(1 + (STEPS - 1) * Math.min(Math.max(share, 0), 1));
  }

  function valueAt(field, place) {
    if (field.scale !== "log") return field.integer ? Math.round(place) : Number(place.toPrecision(12));
    if (place <= 0) return 0;
    return Number((field.min * (field.max / field.min) ** ((place - 1) / (STEPS - 1))).toPrecision(3));
  }

  function withRange(field) {
    const known = ranges[field.place];
    if (known && (field.value === 0 || (field.value >= known.min && field.value <= known.max))) {
      return { ...field, ...known };
    }
    ranges[field.place] = { min: field.min, max: field.max, step: field.step };
    return field;
  }

  function fieldElement(given, number) {
    const field = withRange(given);
    const id = `field-${number}`;
    const unit = field.unit ? ` (${field.unit})` : "";
    const box = make("input", { type: "text", inputmode: "decimal", id, autocomplete: "off", spellcheck: "false" });
    const isLog = field.scale === "log";
    const slider = make("input", {
      type: "range",
      min: isLog ? 0 : field.min,
      max: isLog ? STEPS : field.max,
      step: isLog ? 1 : field.step,
      "aria-label": `${field.label}${unit}, slider`,
    });
    const label = make("label", { for: id, text: field.label }, unit && make("span", { class: "unit", text: unit }));
    const fault = make("div", { class: "fault", role: "alert", hidden: true });
    const element = make("div", { class: "field", "data-place": field.place }, label, box, slider, fault);
    element.field = field;
    put(element, field.value);
    return element;
  }

  function put(element, value) {
    const [box, slider] = [element.querySelector("input[type=text]"), element.querySelector("input[type=range]")];
    box.value = shown(value);
    slider.value = position(element.field, Number(value));
    slider.setAttribute("aria-valuetext", `${shown(value)} ${element.field.unit || ""}`.trim());
  }

  function choiceElement(choice, number) {
    const id = `choice-${number}`;
    const select = make("select", { id });
    if (choice.prompt) select.append(make("option", { value: "", text: choice.prompt, selected: true }));
    for (const [value, text] of choice.options) {
      select.append(make("option", { value, text, selected: value === choice.value }));
    }
    select.choice = choice;
    return make("div", { class: "row choice" }, make("label", { for: id, text: choice.label }), select);
  }

  function groupElement(group, numbers) {
    const element = make("fieldset", { class: group.chosen ? "chosen" : "" }, make("legend", { text: group.title }));
    if (group.where) element.append(make("p", { class: "where", text: group.where }));
    for (const field of group.fields) element.append(fieldElement(field, numbers.next++));
    for (const choice of group.choices || []) element.append(choiceElement(choice, numbers.next++));
    if (group.buttons) {
      const buttons = group.buttons.map((button) => {
        const found = make("button", { type: "button", text: button.label });
        found.edit = button.edit;
        return found;
      });
      element.append(make("div", { class: "buttons" }, ...buttons));
    }
    return element;
  }

  const structure = (groups) =>
    JSON.stringify(groups, (key, value) =>
      ["value", "min", "max", "step"].includes(key) && typeof value !== "string" ? undefined : value,
    );

  /* Show the groups; where only values changed, the fields stay and keep the focus. */
  explorer.fields = function (groups) {
    const place = document.getElementById("groups");
    const now = structure(groups);
    const settings = explorer.state.view.settings;
    if (now === drawn) {
      const fields = Object.fromEntries(groups.flatMap((group) => group.fields).map((field) => [field.place, field]));
      for (const element of place.querySelectorAll(".field")) {
        const field = fields[element.dataset.place];
        if (field.place in settings) continue; // is being changed
        put(element, field.value);
      }
      return;
    }
    drawn = now;
    const places = JSON.stringify(groups.filter((g) => !g.chosen).map((g) => [g.title, g.fields.map((f) => f.place)]));
    if (places !== model) ranges = {};
    model = places;
    const active = document.activeElement;
    const kept = active && place.contains(active) && active.closest(".field");
    const again = kept && [kept.dataset.place.replace(/^~/, ""), active.type];
    const numbers = { next: 0 };
    place.replaceChildren(...groups.map((group) => groupElement(group, numbers)));
    if (again) {
      const found = [...place.querySelectorAll(".field")].find((e) => e.dataset.place.replace(/^~/, "") === again[0]);
      if (found) found.querySelector(`input[type=${again[1]}]`).focus();
    }
  };

  /* Mark the fields that a message speaks of. */
  explorer.faults = function (places) {
    for (const element of document.querySelectorAll("#groups .field")) {
      const place = element.dataset.place.replace(/^~/, "");
      const text = places[place];
      const fault = element.querySelector(".fault");
      fault.hidden = !text;
      fault.textContent = text || "";
      for (const input of element.querySelectorAll("input")) {
        if (text) input.setAttribute("aria-invalid", "true");
        else input.removeAttribute("aria-invalid");
      }
    }
  };

  function typed(text) {
    const number = Number(text.replace(",", "."));
    return text.trim() === "" || Number.isNaN(number) ? text : number;
  }

  /* A slider that moves asks for a picture; when it is let go, the change is finished. */
  explorer.onInput = function (event) {
    const element = event.target.closest(".field");
    if (!element || event.target.type !== "range") return false;
    const value = valueAt(element.field, Number(event.target.value));
    element.querySelector("input[type=text]").value = shown(value);
    event.target.setAttribute("aria-valuetext", `${shown(value)} ${element.field.unit || ""}`.trim());
    explorer.state.view.settings[element.dataset.place] = value;
    explorer.want({ commit: false });
    return true;
  };

  explorer.onChange = function (event) {
    const element = event.target.closest(".field");
    if (!element) return false;
    if (event.target.type === "range") {
      explorer.want({ commit: true });
    } else {
      const value = typed(event.target.value);
      if (typeof value === "number") element.querySelector("input[type=range]").value = position(element.field, value);
      explorer.state.view.settings[element.dataset.place] = value;
      explorer.want({ commit: true });
    }
    return true;
  };

  explorer.make = make;
})(window.explorer);
