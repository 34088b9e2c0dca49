// Creates and fills elements. Text is always text, never markup.

export const find = (id) => document.getElementById(id);

export function make(tag, attributes = {}, ...content) {
  return fill(document.createElement(tag), attributes, content);
}

export function draw(tag, attributes = {}, ...content) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, content);
}

function fill(element, attributes, content) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...content.filter((child) => child !== null && child !== undefined));
  return element;
}

// Replaces the content of an element. The scroll position around it and the focus outside of it stay.
export function setContent(element, ...content) {
  element.replaceChildren(...content.filter((child) => child !== null && child !== undefined));
}

export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// A group of buttons with one pressed.
export function choose(group, name, onChoice) {
  const buttons = [...group.querySelectorAll("button")];
  const press = (value) => buttons.forEach((button) => button.setAttribute("aria-pressed", String(button.dataset[name] === value)));
  for (const button of buttons) {
    button.addEventListener("click", () => { press(button.dataset[name]); onChoice(button.dataset[name]); });
  }
  return press;
}
