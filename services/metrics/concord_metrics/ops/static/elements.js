// Making elements: text is always text, never markup.

export const find = (id) => document.getElementById(id);

export function make(tag, attributes = {}, ...content) {
  return filled(document.createElement(tag), attributes, content);
}

export function draw(tag, attributes = {}, ...content) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, content);
}

function filled(element, attributes, content) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...content.filter((each) => each !== null && each !== undefined));
  return element;
}

// Replace what an element holds; a table's place of scrolling and the focus outside of it stay.
export function show(element, ...content) {
  element.replaceChildren(...content.filter((each) => each !== null && each !== undefined));
}

export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// A group of buttons of which one is pressed.
export function choose(group, name, picked) {
  const buttons = [...group.querySelectorAll("button")];
  const press = (value) => buttons.forEach((each) => each.setAttribute("aria-pressed", String(each.dataset[name] === value)));
  for (const each of buttons) {
    each.addEventListener("click", () => { press(each.dataset[name]); picked(each.dataset[name]); });
  }
  return press;
}
