// Elements, made one by one: no text ever becomes markup.

/** An element; `null` and `false` among attributes and children are left out. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith('on')) made.addEventListener(key.slice(2), value);
    else if (key === 'value') made.value = value;
    else made.setAttribute(key, value === true ? '' : value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

export function heading(level, text, id = null) {
  return element(`h${level}`, { id }, text);
}

export function paragraph(text, attributes = {}) {
  return element('p', attributes, text);
}

export function list(items, attributes = {}) {
  return element('ul', attributes, items.map((item) => element('li', {}, item)));
}

export function button(id, text, onclick, attributes = {}) {
  return element('button', { id, type: 'button', onclick, ...attributes }, text);
}

/** Something that a person must not miss; read out when it appears. */
export function alertBox(id, ...children) {
  return element('div', { id, class: 'alert', role: 'alert' }, ...children);
}

/** What is good to know; not as loud. */
export function note(id, ...children) {
  return element('div', { id, class: 'note' }, ...children);
}

/** A field with its label, a hint, and a place for what is wrong with it: `{row, input, wrong(text | null)}`. */
export function field(id, label, attributes = {}, hint = null) {
  const input = element(attributes.rows ? 'textarea' : 'input', { id, name: id, 'aria-describedby': hint ? `${id}-hint` : null, ...attributes });
  const error = element('p', { id: `${id}-error`, class: 'error', hidden: true });
  const row = element('div', { class: 'field' },
    element('label', { for: id }, label), hint && element('p', { id: `${id}-hint`, class: 'hint' }, hint), input, error);
  function wrong(text) {
    error.hidden = text === null;
    error.textContent = text ?? '';
    const described = [hint && `${id}-hint`, text !== null && `${id}-error`].filter(Boolean).join(' ');
    for (const [name, value] of [['aria-invalid', text !== null && 'true'], ['aria-describedby', described]]) {
      if (value) input.setAttribute(name, value); else input.removeAttribute(name);
    }
    if (text !== null) input.focus();
  }
  return { row, input, wrong };
}

/** A tick with its label. */
export function tick(id, label, describedBy) {
  const input = element('input', { id, type: 'checkbox', 'aria-describedby': describedBy });
  return { row: element('div', { class: 'tick' }, input, element('label', { for: id }, label)), input };
}

/** A form that never leaves the page: what is done when it is sent, and while that lasts, its buttons rest. */
export function form(id, onsubmit, ...children) {
  const made = element('form', {
    id, novalidate: true,
    async onsubmit(event) {
      event.preventDefault();
      if (made.getAttribute('aria-busy')) return;
      made.setAttribute('aria-busy', 'true');
      try { await onsubmit(); } finally { made.removeAttribute('aria-busy'); }
    },
  }, ...children);
  return made;
}
