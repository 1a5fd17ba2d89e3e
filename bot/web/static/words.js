// What a page says, in its reader's language: the page itself hands it over.

const texts = JSON.parse(document.getElementById('words').content.textContent)
const FROM_RIGHT = /[\u0590-\u08ff]/

/** Texts that the page did not bring. */
export function learn(more) {
  Object.assign(texts, more)
}

/** The text under this key, with its `{names}` put in. */
export function say(key, values = {}) {
  return texts[key].replace(/\{(\w+)\}/g, (_, name) => isolated(String(values[name])))
}

/** A name keeps to itself: it does not turn the sentence round it, nor is it turned. */
function isolated(value) {
  return document.dir === 'rtl' || FROM_RIGHT.test(value) ? `\u2068${value}\u2069` : value
}

/** A number as this language writes it. */
export function counted(number) {
  return number.toLocaleString(document.documentElement.lang)
}

/** So many of a unit, such as «3 minutes». */
export function measured(number, unit) {
  return new Intl.NumberFormat(document.documentElement.lang, { style: 'unit', unit, unitDisplay: 'long' }).format(number)
}
