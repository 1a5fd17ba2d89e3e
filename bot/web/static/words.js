// What a page says, in its reader's language: the page itself hands it over.

const texts = JSON.parse(document.getElementById('words').content.textContent)
const language = document.documentElement.lang
const FROM_RIGHT = /[\u0590-\u08ff]/

/** The text under this key, with its `{names}` put in. */
export function say(key, values = {}) {
  return texts[key].replace(/\{(\w+)\}/g, (_, name) => isolated(String(values[name])))
}

/** A name keeps to itself: it does not turn the sentence round it, nor is it turned. */
function isolated(value) {
  return document.dir === 'rtl' || FROM_RIGHT.test(value) ? `\u2068${value}\u2069` : value
}

/** So many of a unit, such as «3 minutes». */
export function measured(number, unit, unitDisplay = 'long') {
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay }).format(number)
}
